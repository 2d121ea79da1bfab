#include "planner/physical/table_expressions.h"
namespace care::planner {
absl::Status CanEvaluateJointly(const ExpressionPtr&, const std::vector<ColumnInfo>&) { return absl::OkStatus(); }
}
