#include <utility>

#include "planner/logical/build_expressions.h"
#include "planner/logical/row_facts.h"
#include "planner/rules/table_rules.h"

namespace care::planner {
namespace {

ExpressionPtr CastTo(const ExpressionPtr& value, const DataType& type) {
  if (value->type == type || type.kind == TypeKind::kText) return value;
  return std::make_shared<const Expression>(Expression{CastExpression{value}, type, value->position});
}

// Null where one row does not tell.
ExpressionPtr OfOneRow(const AggregateCall& call) {
  ExpressionPtr result;
  switch (call.function) {
    case AggregateFunction::kCountStar:
      return call.filter == nullptr ? CountLiteral(1) : When(call.filter, CountLiteral(1), CountLiteral(0));
    case AggregateFunction::kCount: {
      const ExpressionPtr there = NotNull(call.argument);
      return When(call.filter == nullptr ? there : MakeConjunction({call.filter, there}), CountLiteral(1),
                  CountLiteral(0));
    }
    case AggregateFunction::kSum:
    case AggregateFunction::kMin:
    case AggregateFunction::kMax:
    case AggregateFunction::kBoolAnd:
    case AggregateFunction::kBoolOr:
    case AggregateFunction::kPercentileDiscrete:
      result = CastTo(call.argument, call.type);
      return call.filter == nullptr ? result : When(call.filter, result, nullptr);
    default:
      return nullptr;
  }
}

}  // namespace

std::vector<NamedExpression> CallsOfOneRow(const AggregateNode& aggregate) {
  std::vector<NamedExpression> results;
  for (const NamedAggregate& named : aggregate.calls) {
    ExpressionPtr result = OfOneRow(named.call);
    if (result == nullptr) return {};
    results.push_back({named.column, std::move(result)});
  }
  return results;
}

LogicalPtr DropSingleRowGroups(const LogicalPtr& node, LogicalPlan& plan, const Catalog& catalog) {
  std::vector<LogicalPtr> children;
  const bool releases = std::holds_alternative<ReleaseNode>(node->node);
  for (const LogicalPtr& child : ChildrenOf(*node)) {
    // What is released keeps its shape: the gate asks for groups. Placement looks at their rows itself.
    const bool kept = releases && std::holds_alternative<AggregateNode>(child->node);
    if (kept) {
      children.push_back(WithChildren(child, {DropSingleRowGroups(ChildrenOf(*child)[0], plan, catalog)}));
    } else {
      children.push_back(DropSingleRowGroups(child, plan, catalog));
    }
  }
  const LogicalPtr rebuilt = WithChildren(node, std::move(children));
  const auto* aggregate = std::get_if<AggregateNode>(&rebuilt->node);
  if (releases || aggregate == nullptr || aggregate->group_by.empty()) return rebuilt;
  if (ScannedParties(*aggregate->child, catalog).size() < 2) return rebuilt;
  const std::set<ColumnId> groups(aggregate->group_by.begin(), aggregate->group_by.end());
  if (!RowFacts(plan.columns, catalog).IsKey(*aggregate->child, groups, /*null_is_a_value=*/true)) return rebuilt;
  std::vector<NamedExpression> calls = CallsOfOneRow(*aggregate);
  if (calls.size() != aggregate->calls.size()) return rebuilt;
  ProjectNode project{aggregate->child, {}};
  for (ColumnId column : aggregate->group_by)
    project.columns.push_back({column, MakeColumn(column, plan.columns[column].type)});
  project.columns.insert(project.columns.end(), calls.begin(), calls.end());
  return MakeNode(std::move(project));
}

}  // namespace care::planner
