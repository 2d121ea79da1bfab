#include "planner/logical/folded_types.h"

#include <algorithm>
#include <optional>
#include <set>
#include <utility>
#include <vector>

#include "planner/logical/build_expressions.h"
#include "planner/logical/fold_expression.h"

namespace care::planner {
namespace {

ExpressionPtr FoldedOver(const ExpressionPtr& expression, const LogicalNode& child);

// Whether PostgreSQL would make a subquery over `child` part of the query around it.
bool IsPulledUp(const LogicalNode& child) {
  if (const auto* project = std::get_if<ProjectNode>(&child.node)) return IsPulledUp(*project->child);
  if (const auto* filter = std::get_if<FilterNode>(&child.node)) return IsPulledUp(*filter->child);
  return std::holds_alternative<ScanNode>(child.node) || std::holds_alternative<JoinNode>(child.node);
}

// The constant that a subquery calls `column`, where PostgreSQL would put it in the column's place: not on the side of an
// outer join that may be missing. Null if it is none.
ExpressionPtr ConstantNamed(const LogicalNode& node, ColumnId column) {
  if (const auto* project = std::get_if<ProjectNode>(&node.node)) {
    for (const NamedExpression& item : project->columns) {
      if (item.column != column || !IsPulledUp(*project->child)) continue;
      const ExpressionPtr folded = FoldedOver(item.expression, *project->child);
      std::optional<Value> value = ConstantOf(folded);
      return value ? MakeLiteral(*std::move(value), folded->type, folded->position) : nullptr;
    }
    return nullptr;
  }
  if (const auto* filter = std::get_if<FilterNode>(&node.node)) return ConstantNamed(*filter->child, column);
  if (const auto* release = std::get_if<ReleaseNode>(&node.node)) return ConstantNamed(*release->child, column);
  if (const auto* join = std::get_if<JoinNode>(&node.node)) {
    if (join->kind != JoinKind::kFull && Contains(OutputColumns(*join->left), column)) return ConstantNamed(*join->left, column);
    if (join->kind == JoinKind::kInner || join->kind == JoinKind::kCross) return ConstantNamed(*join->right, column);
  }
  return nullptr;
}

ExpressionPtr FoldedOver(const ExpressionPtr& expression, const LogicalNode& child) {
  std::set<ColumnId> columns;
  CollectColumns(expression, columns);
  std::vector<std::pair<ColumnId, ExpressionPtr>> constants;
  for (const ColumnId column : columns) {
    if (ExpressionPtr constant = ConstantNamed(child, column)) constants.emplace_back(column, std::move(constant));
  }
  return FoldExpression(constants.empty() ? expression : SubstituteColumns(expression, constants));
}

// What the column is, below the nodes that pass it on; its declared type where that cannot be told.
std::optional<DataType> TypeOf(const LogicalNode& node, ColumnId column, const LogicalPlan& plan) {
  if (const auto* project = std::get_if<ProjectNode>(&node.node)) {
    const auto* ordered = std::get_if<SortNode>(&project->child->node);  // by the same SELECT
    const LogicalNode& read = ordered != nullptr ? *ordered->child : *project->child;
    for (const NamedExpression& item : project->columns) {
      if (item.column != column) continue;
      const ExpressionPtr folded = FoldedOver(item.expression, read);
      if (const auto* passed = std::get_if<ColumnExpression>(&folded->node)) return TypeOf(*project->child, passed->column, plan);
      return folded->type;
    }
    return std::nullopt;
  }
  if (std::holds_alternative<ScanNode>(node.node)) return plan.columns[column].type;
  if (const auto* aggregate = std::get_if<AggregateNode>(&node.node)) {
    return Contains(aggregate->group_by, column) ? TypeOf(*aggregate->child, column, plan) : std::nullopt;
  }
  const bool passes = std::holds_alternative<FilterNode>(node.node) || std::holds_alternative<ReleaseNode>(node.node) ||
                      std::holds_alternative<SortNode>(node.node) || std::holds_alternative<LimitNode>(node.node) ||
                      std::holds_alternative<DistinctNode>(node.node) || std::holds_alternative<JoinNode>(node.node) ||
                      std::holds_alternative<WindowNode>(node.node);
  if (!passes) return std::nullopt;
  for (const LogicalPtr& child : ChildrenOf(node)) {
    if (Contains(OutputColumns(*child), column)) return TypeOf(*child, column, plan);
  }
  return std::nullopt;
}

}  // namespace

void TakeFoldedTypes(LogicalPlan& plan) {
  for (OutputColumn& output : plan.output) {
    const std::optional<DataType> folded = TypeOf(*plan.root, output.column, plan);
    if (folded && folded->kind == output.type.kind && folded->scale == output.type.scale) output.type = *folded;
  }
}

}  // namespace care::planner
