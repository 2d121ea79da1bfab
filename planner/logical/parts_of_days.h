// planner/logical/parts_of_days.h
//
// The public list of what a part of a date's text can be, as SUBSTRING(d::text, 1, 7) and so TO_CHAR(d, 'YYYY-MM') of a date of
// declared range.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace care::planner {

// In the order of the texts. `begin` from 0. Empty where the part reaches beyond the day, or of more than 1024 values.
std::vector<std::string> PartsOfDays(std::int32_t first_day, std::int32_t last_day, std::size_t begin, std::size_t length);

}  // namespace care::planner
