// engine/frontend/suite/row_difference.h
//
// Two lists of rows as a person compares them: the rows of both in order, those that only one has marked.
#pragma once

#include <string>
#include <vector>

namespace care::engine {

// "- " before a row that was expected and did not come, "+ " before one that came and was not expected, a few
// equal rows around them for orientation. Empty if the lists are equal. Bounded: of many differences the first
// are shown and the rest counted.
std::string RowDifference(const std::vector<std::vector<std::string>>& expected,
                          const std::vector<std::vector<std::string>>& actual);

}  // namespace care::engine
