// Queries that list rows: allowed of tables that are about nobody, where every value that is listed may be.
#include <utility>

#include "engine/types/status_macros.h"
#include "planner/logical/query_binder.h"

namespace care::planner {
namespace {

bool AboutNobody(const LogicalNode& node, const Catalog& catalog) {
  if (const auto* scan = std::get_if<ScanNode>(&node.node)) {
    if (catalog.tables[scan->table].subject_column >= 0) return false;
  }
  for (const LogicalPtr& child : ChildrenOf(node)) {
    if (!AboutNobody(*child, catalog)) return false;
  }
  return true;
}

bool HoldsSubquery(const ExpressionPtr& expression) {
  if (std::holds_alternative<SubqueryExpression>(expression->node)) return true;
  for (const ExpressionPtr& child : ChildrenOf(expression)) {
    if (HoldsSubquery(child)) return true;
  }
  return false;
}

// Whether the values of a column may be listed: public ones, those with the `row` right, constants, and sums over many rows.
bool MayBeListed(const LogicalNode& node, ColumnId column, const Catalog& catalog) {
  if (const auto* scan = std::get_if<ScanNode>(&node.node)) {
    for (const ScanNode::Output& output : scan->columns) {
      if (output.column != column) continue;
      const ColumnRules& rules = catalog.tables[scan->table].columns[output.table_column].rules;
      return rules.row || rules.is_public;
    }
    return false;
  }
  if (const auto* values = std::get_if<ValuesNode>(&node.node)) return !values->columns.empty();
  if (const auto* project = std::get_if<ProjectNode>(&node.node)) {
    for (const NamedExpression& item : project->columns) {
      if (item.column != column) continue;
      std::set<ColumnId> used;
      CollectColumns(item.expression, used);
      for (ColumnId below : used) {
        if (!MayBeListed(*project->child, below, catalog)) return false;
      }
      return !HoldsSubquery(item.expression);
    }
    return false;
  }
  if (const auto* aggregate = std::get_if<AggregateNode>(&node.node)) {
    for (const NamedAggregate& named : aggregate->calls) {
      if (named.column == column)
        return named.call.function != AggregateFunction::kMin && named.call.function != AggregateFunction::kMax;
    }
    return MayBeListed(*aggregate->child, column, catalog);
  }
  if (std::holds_alternative<SetOperationNode>(node.node) || std::holds_alternative<WindowNode>(node.node)) return false;
  for (const LogicalPtr& child : ChildrenOf(node)) {
    for (ColumnId output : OutputColumns(*child)) {
      if (output == column) return MayBeListed(*child, column, catalog);
    }
  }
  return false;
}

}  // namespace

absl::StatusOr<LogicalPtr> QueryBinder::WithListedRows(const LogicalPtr& node, std::set<ColumnId> read,
                                                       const absl::Status& otherwise) {
  const bool above = std::holds_alternative<SortNode>(node->node) || std::holds_alternative<LimitNode>(node->node) ||
                     std::holds_alternative<ProjectNode>(node->node);
  if (above) {
    bool subqueries = false;
    if (const auto* project = std::get_if<ProjectNode>(&node->node)) {
      read.clear();
      for (const NamedExpression& item : project->columns) CollectColumns(item.expression, read);
    }
    MapExpressions(node, [&](const ExpressionPtr& expression) {
      subqueries = subqueries || HoldsSubquery(expression);
      CollectColumns(expression, read);
      return expression;
    });
    if (subqueries) return otherwise;
    CARE_ASSIGN_OR_RETURN(LogicalPtr below, WithListedRows(ChildrenOf(*node)[0], std::move(read), otherwise));
    return WithChildren(node, {std::move(below)});
  }
  if (!AboutNobody(*node, catalog_)) return otherwise;
  for (ColumnId column : read) {
    if (!MayBeListed(*node, column, catalog_)) return otherwise;
  }
  return MakeNode(ReleaseNode{node, {}});
}

}  // namespace care::planner
