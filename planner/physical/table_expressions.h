// planner/physical/table_expressions.h
//
// Which expressions can be computed over the columns of a shared table, and what is publicly known of their values: asked
// by the placement before it makes a DeriveTable, FilterTable or a residual, by the same rule as the executor's
// (table_circuit.h).
#pragma once

#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "planner/logical/logical_plan.h"
#include "planner/physical/shared_value.h"

namespace care::planner {

// InvalidArgument, naming the construct or what to declare, if not; with its position if `sql` is given. Of a condition all
// that is asked is its truth; a value must have a shape too.
absl::Status CanEvaluateJointly(const ExpressionPtr& expression, const std::vector<ColumnInfo>& columns,
                                std::string_view sql = {});

// What to put into the plan for the column that a DeriveTable defines by the expression: type and facts, the most bytes of
// a text included.
ColumnInfo JointColumn(const ExpressionPtr& expression, const std::vector<ColumnInfo>& columns);

}  // namespace care::planner
