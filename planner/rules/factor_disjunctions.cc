#include <algorithm>
#include <utility>

#include "planner/rules/rule_list.h"

namespace care::planner {
namespace {

// (a AND b) OR (a AND c) is a AND (b OR c), of three values too: Kleene's logic is distributive.
ExpressionPtr Factored(const ExpressionPtr& expression) {
  const auto* call = std::get_if<CallExpression>(&expression->node);
  if (call == nullptr || call->function != Function::kOr) return expression;
  std::vector<std::vector<ExpressionPtr>> branches;
  for (const ExpressionPtr& branch : call->arguments) branches.push_back(SplitConjuncts(branch));
  const auto holds = [](const std::vector<ExpressionPtr>& conjuncts, const ExpressionPtr& wanted) {
    return std::any_of(conjuncts.begin(), conjuncts.end(),
                       [&](const ExpressionPtr& conjunct) { return SameExpression(conjunct, wanted); });
  };
  std::vector<ExpressionPtr> common;
  for (const ExpressionPtr& conjunct : branches[0]) {
    const bool everywhere = std::all_of(branches.begin() + 1, branches.end(),
                                        [&](const std::vector<ExpressionPtr>& branch) { return holds(branch, conjunct); });
    if (everywhere && !holds(common, conjunct)) common.push_back(conjunct);
  }
  if (common.empty()) return expression;
  std::vector<ExpressionPtr> rest;
  bool any_is_all = false;
  for (const std::vector<ExpressionPtr>& branch : branches) {
    std::vector<ExpressionPtr> others;
    for (const ExpressionPtr& conjunct : branch) {
      if (!holds(common, conjunct)) others.push_back(conjunct);
    }
    any_is_all = any_is_all || others.empty();
    rest.push_back(MakeConjunction(std::move(others)));
  }
  // A branch that asks for nothing else makes the others redundant.
  if (!any_is_all) common.push_back(MakeCall(Function::kOr, std::move(rest), kBooleanType, expression->position));
  return MakeConjunction(std::move(common));
}

}  // namespace

LogicalPtr FactorDisjunctions(const LogicalPtr& node) {
  std::vector<LogicalPtr> children;
  for (const LogicalPtr& child : ChildrenOf(*node)) children.push_back(FactorDisjunctions(child));
  return MapExpressions(WithChildren(node, std::move(children)),
                        [](const ExpressionPtr& whole) { return TransformExpression(whole, Factored); });
}

}  // namespace care::planner
