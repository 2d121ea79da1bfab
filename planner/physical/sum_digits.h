// planner/physical/sum_digits.h
//
// How many decimals PostgreSQL shows of a released SUM whose rows differ in theirs, as in SUM(CASE WHEN c THEN amount ELSE 0 END):
// 0.00 if some row had an amount, 0 if every row was the bare 0. The sum of integers that is computed does not tell, so a
// second value does: whether any row has the more decimals. It opens beside the sum, and the digits of the answer say the same.
// So do those of a row that is released, where tables are about nobody.
#pragma once

#include <string_view>

#include "absl/status/statusor.h"
#include "planner/logical/logical_plan.h"

namespace care::planner {

// Adds the flags below each Release and the rounding above it. Unimplemented where which digits there are depends on which of equal
// values PostgreSQL meets first.
absl::StatusOr<LogicalPtr> KeepSumDigits(LogicalPlan& plan, std::string_view sql);
// Whether what is released needs them, or has fewer decimals than its column, as a constant may.
bool ShowsOtherDigits(const LogicalPtr& root, const LogicalPlan& plan);

}  // namespace care::planner
