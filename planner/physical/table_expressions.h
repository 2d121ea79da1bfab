#pragma once
#include <vector>
#include "absl/status/status.h"
#include "planner/logical/logical_plan.h"
namespace care::planner {
absl::Status CanEvaluateJointly(const ExpressionPtr& expression, const std::vector<ColumnInfo>& columns);
}
