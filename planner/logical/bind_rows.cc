// Queries that list rows: allowed of tables that are about nobody, where every value that is listed may be.
#include <algorithm>
#include <utility>

#include "engine/types/status_macros.h"
#include "planner/logical/free_columns.h"
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

bool MayBeListed(const LogicalNode& node, ColumnId column, const Catalog& catalog);

// What the subqueries of a listed expression read: about nobody, and a value of one like any other that is listed. EXISTS and
// IN say whether there are rows, as a condition says.
bool SubqueriesMayBeListed(const ExpressionPtr& expression, const Catalog& catalog) {
  if (const auto* subquery = std::get_if<SubqueryExpression>(&expression->node)) {
    if (!AboutNobody(*subquery->plan, catalog)) return false;
    if (subquery->kind == SubqueryKind::kScalar && !MayBeListed(*subquery->plan, subquery->column, catalog)) return false;
  }
  for (const ExpressionPtr& child : ChildrenOf(expression)) {
    if (!SubqueriesMayBeListed(child, catalog)) return false;
  }
  return true;
}

// Whether the values of a column may be listed: public ones, those with the `row` right, constants, and sums over
// many rows.
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
      return SubqueriesMayBeListed(item.expression, catalog);
    }
    return false;
  }
  if (const auto* aggregate = std::get_if<AggregateNode>(&node.node)) {
    for (const NamedAggregate& named : aggregate->calls) {
      if (named.column != column) continue;
      const AggregateFunction function = named.call.function;
      const bool picks = function == AggregateFunction::kMin || function == AggregateFunction::kMax ||
                         function == AggregateFunction::kPercentileDiscrete || function == AggregateFunction::kPercentileContinuous;
      if (!picks) return true;
      // An extreme is the value of one row, a percentile that of one or two.
      std::set<ColumnId> used;
      CollectColumns(named.call.argument, used);
      return std::all_of(used.begin(), used.end(),
                         [&](ColumnId below) { return MayBeListed(*aggregate->child, below, catalog); });
    }
    return MayBeListed(*aggregate->child, column, catalog);
  }
  if (const auto* window = std::get_if<WindowNode>(&node.node)) {
    for (const NamedWindowCall& named : window->calls) {
      if (named.column != column) continue;
      // A rank says where a row's keys stand among others'.
      std::set<ColumnId> used(window->partition_by.begin(), window->partition_by.end());
      for (const SortKey& key : window->order_by) CollectColumns(key.expression, used);
      for (const ExpressionPtr& read : {named.call.argument, named.call.fallback}) {
        if (read != nullptr) CollectColumns(read, used);
      }
      return std::all_of(used.begin(), used.end(),
                         [&](ColumnId below) { return MayBeListed(*window->child, below, catalog); });
    }
    return MayBeListed(*window->child, column, catalog);
  }
  if (const auto* set = std::get_if<SetOperationNode>(&node.node)) {
    const auto position = std::find(set->columns.begin(), set->columns.end(), column);
    if (position == set->columns.end()) return false;
    const auto at = static_cast<std::size_t>(position - set->columns.begin());
    for (std::size_t input = 0; input < set->inputs.size(); ++input) {
      if (!MayBeListed(*set->inputs[input], set->input_columns[input][at], catalog)) return false;
    }
    return true;
  }
  for (const LogicalPtr& child : ChildrenOf(node)) {
    for (ColumnId output : OutputColumns(*child)) {
      if (output == column) return MayBeListed(*child, column, catalog);
    }
  }
  return false;
}

bool IsSortOrLimit(const LogicalNode& node) {
  return std::holds_alternative<SortNode>(node.node) || std::holds_alternative<LimitNode>(node.node);
}

bool ReadsSubqueries(const LogicalPtr& node) {
  bool found = false;
  MapExpressions(node, [&](const ExpressionPtr& expression) {
    found = found || HasSubquery(expression);
    return expression;
  });
  return found;
}

// `project` below the sorts and limits that it stands on, beside the columns that those read.
LogicalPtr BelowSorts(const LogicalPtr& node, ProjectNode project, const std::vector<ColumnInfo>& columns_of_plan) {
  if (IsSortOrLimit(*node)) {
    std::set<ColumnId> read;
    MapExpressions(node, [&](const ExpressionPtr& expression) {
      CollectColumns(expression, read);
      return expression;
    });
    for (ColumnId column : read) project.columns.push_back({column, MakeColumn(column, columns_of_plan[column].type)});
    return WithChildren(node, {BelowSorts(ChildrenOf(*node)[0], std::move(project), columns_of_plan)});
  }
  std::set<ColumnId> yielded;
  std::vector<NamedExpression> columns;
  for (NamedExpression& item : project.columns) {
    if (yielded.insert(item.column).second) columns.push_back(std::move(item));
  }
  return MakeNode(ProjectNode{node, std::move(columns)});
}

}  // namespace

absl::StatusOr<LogicalPtr> QueryBinder::WithListedRows(const LogicalPtr& node, std::set<ColumnId> read,
                                                       const absl::Status& otherwise) {
  const auto* project = std::get_if<ProjectNode>(&node->node);
  const bool subqueries = (IsSortOrLimit(*node) || project != nullptr) && ReadsSubqueries(node);
  if (IsSortOrLimit(*node) && subqueries) return otherwise;
  if (project != nullptr && subqueries && IsSortOrLimit(*project->child)) {
    // Subqueries read tables, so they are computed below the release; order and limit are given above it.
    ProjectNode above;
    for (const NamedExpression& item : project->columns)
      above.columns.push_back({item.column, MakeColumn(item.column, item.expression->type, item.expression->position)});
    above.child = BelowSorts(project->child, *project, plan_.columns);
    return WithListedRows(MakeNode(std::move(above)), std::move(read), otherwise);
  }
  if (IsSortOrLimit(*node) || (project != nullptr && !subqueries)) {
    if (project != nullptr) read.clear();
    MapExpressions(node, [&](const ExpressionPtr& expression) {
      CollectColumns(expression, read);
      return expression;
    });
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
