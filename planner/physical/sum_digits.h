// planner/physical/sum_digits.h
//
// How many decimals PostgreSQL shows of a released SUM whose rows differ in theirs, as in SUM(CASE WHEN c THEN amount ELSE 0 END):
// 0.00 if some row had an amount, 0 if every row was the bare 0. The sum of integers that is computed does not tell, so a
// second value does: whether any row has the more decimals. It opens beside the sum, and the digits of the answer say the same.
#pragma once

#include <string_view>

#include "absl/status/statusor.h"
#include "planner/logical/logical_plan.h"

namespace care::planner {

// Adds the calls below each Release and the rounding above it. Unimplemented where more than two scales mix, or where which one
// it is does not follow from conditions.
absl::StatusOr<LogicalPtr> KeepSumDigits(const LogicalPtr& node, LogicalPlan& plan, std::string_view sql);

}  // namespace care::planner
