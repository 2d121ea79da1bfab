#include <utility>

#include "planner/logical/fold_expression.h"
#include "planner/rules/rule_list.h"

namespace care::planner {
namespace {

bool IsTrue(const ExpressionPtr& expression) {
  const auto* literal = std::get_if<LiteralExpression>(&expression->node);
  return literal != nullptr && literal->value == Value(true);
}

}  // namespace

LogicalPtr FoldConstants(const LogicalPtr& node) {
  std::vector<LogicalPtr> children;
  for (const LogicalPtr& child : ChildrenOf(*node)) children.push_back(FoldConstants(child));
  const LogicalPtr folded = MapExpressions(WithChildren(node, std::move(children)), FoldExpression);
  const auto* filter = std::get_if<FilterNode>(&folded->node);
  if (filter != nullptr && IsTrue(filter->predicate)) return filter->child;
  return folded;
}

}  // namespace care::planner
