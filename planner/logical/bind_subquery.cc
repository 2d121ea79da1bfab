// Subqueries in expressions: EXISTS, IN (SELECT ...) and scalar subqueries. They stay expressions here;
// rules/decorrelate.cc turns them into joins.
#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "engine/types/status_macros.h"
#include "planner/logical/free_columns.h"
#include "planner/logical/query_binder.h"
#include "planner/logical/row_facts.h"

namespace care::planner {

absl::StatusOr<BoundRows> QueryBinder::BindSubquery(const sql::SelectStatement& statement,
                                                    ExpressionContext& context) {
  CARE_ASSIGN_OR_RETURN(BoundRows rows, BindStatement(statement, context.frames, context.scope));
  CARE_RETURN_IF_ERROR(rows.if_aggregated);
  return rows;
}

void QueryBinder::NoteSubquery(ColumnId column, const BoundRows& rows) {
  released_subqueries_[column] = !rows.if_row_level.ok() ? rows.if_row_level : rows.if_released;
}

QueryBinder::Result QueryBinder::BindNode(const sql::Exists& node, sql::SourcePosition position,
                                          ExpressionContext& context) {
  CARE_ASSIGN_OR_RETURN(BoundRows rows, BindSubquery(*node.subquery, context));
  SubqueryExpression exists;
  exists.kind = SubqueryKind::kExists;
  exists.column = rows.columns.front().column;
  NoteSubquery(exists.column, rows);
  exists.plan = std::move(rows.plan);
  return std::make_shared<const Expression>(Expression{std::move(exists), kBooleanType, position});
}

QueryBinder::Result QueryBinder::BindNode(const sql::InSubquery& node, sql::SourcePosition position,
                                          ExpressionContext& context) {
  if (IsRow(*node.operand)) return BindRowInSubquery(node, position, context);
  CARE_ASSIGN_OR_RETURN(ExpressionPtr operand, BindExpression(*node.operand, context));
  CARE_ASSIGN_OR_RETURN(BoundRows rows, BindSubquery(*node.subquery, context));
  if (rows.columns.size() != 1) return Error(position, "subquery has too many columns");
  const ColumnId column = rows.columns[0].column;
  CARE_ASSIGN_OR_RETURN(const ExpressionPtr equality,
                        Compare(Function::kEqual, operand,
                                Reference(rows.columns[0], position), position));
  const Arguments sides = std::get<CallExpression>(equality->node).arguments;
  SubqueryExpression in;
  in.kind = SubqueryKind::kIn;
  in.operand = sides[0];
  in.column = column;
  if (const auto* same = std::get_if<ColumnExpression>(&sides[1]->node); same == nullptr || same->column != column) {
    in.column = AddComputed(sides[1], rows.columns[0].name);
    rows.plan = MakeNode(ProjectNode{std::move(rows.plan), {{in.column, sides[1]}}});
  }
  NoteSubquery(in.column, rows);
  in.plan = std::move(rows.plan);
  ExpressionPtr bound = std::make_shared<const Expression>(Expression{std::move(in), kBooleanType, position});
  return node.negated ? MakeCall(Function::kNot, {std::move(bound)}, kBooleanType, position) : bound;
}

QueryBinder::Result QueryBinder::BindNode(const sql::ScalarSubquery& node, sql::SourcePosition position,
                                          ExpressionContext& context) {
  CARE_ASSIGN_OR_RETURN(BoundRows rows, BindSubquery(*node.subquery, context));
  if (rows.columns.size() != 1) return Error(position, "subquery must return only one column");
  SubqueryExpression scalar;
  scalar.kind = SubqueryKind::kScalar;
  scalar.column = rows.columns[0].column;
  NoteSubquery(scalar.column, rows);
  scalar.plan = std::move(rows.plan);
  const DataType type = plan_.columns[scalar.column].type;
  const DataType shown_as = rows.columns[0].shown_as;
  ExpressionPtr value = std::make_shared<const Expression>(Expression{std::move(scalar), type, position});
  if (!shown_as.IsFloat()) return value;
  return std::make_shared<const Expression>(Expression{CastExpression{std::move(value)}, shown_as, position});
}

namespace {

// Where an expression of the plan reads the column.
sql::SourcePosition PositionIn(const LogicalPtr& node, ColumnId column) {
  sql::SourcePosition found;
  for (const LogicalPtr& child : ChildrenOf(*node)) {
    found = PositionIn(child, column);
    if (found.length != 0) return found;
  }
  MapExpressions(node, [&](const ExpressionPtr& whole) {
    return TransformExpression(whole, [&](const ExpressionPtr& part) {
      const auto* read = std::get_if<ColumnExpression>(&part->node);
      if (read != nullptr && read->column == column && found.length == 0) found = part->position;
      const auto* subquery = std::get_if<SubqueryExpression>(&part->node);
      if (subquery != nullptr && found.length == 0) found = PositionIn(subquery->plan, column);
      return part;
    });
  });
  return found;
}

// Rows, and no groups of any.
bool IsListing(const LogicalNode& node) {
  if (std::holds_alternative<AggregateNode>(node.node) || std::holds_alternative<GroupingSetsNode>(node.node)) return false;
  const std::vector<LogicalPtr> children = ChildrenOf(node);
  return std::ranges::all_of(children, [](const LogicalPtr& child) { return IsListing(*child); });
}

// Whether something above the groups takes some of them.
bool ChoosesGroups(const LogicalNode& node) {
  if (std::holds_alternative<AggregateNode>(node.node) || std::holds_alternative<GroupingSetsNode>(node.node)) return false;
  if (!std::holds_alternative<ProjectNode>(node.node)) return true;
  return ChoosesGroups(*ChildrenOf(node)[0]);
}

}  // namespace

absl::Status QueryBinder::CheckGroupedSubquery(const SubqueryExpression& subquery, sql::SourcePosition position,
                                               Grouping& grouping) {
  for (ColumnId column : FreeColumns(*subquery.plan)) {
    // What the block itself does not yield is a column of a query further out.
    if (grouping.input.count(column) == 0 || grouping.calls.count(column) != 0) continue;
    if (grouping.in_sets) return NotYet(position, "a subquery that refers to a query with ROLLUP, CUBE or GROUPING SETS around it");
    bool grouped = DependsOnGroups(column, grouping);
    for (std::size_t i = 0; i < grouping.expressions.size(); ++i) {
      const auto* group = std::get_if<ColumnExpression>(&grouping.expressions[i]->node);
      if (group != nullptr && group->column == column) grouped = true;
    }
    if (!grouped) {
      const sql::SourcePosition place = PositionIn(subquery.plan, column);
      return Error(place.length != 0 ? place : position,
                   absl::StrCat("subquery uses ungrouped column \"", plan_.columns[column].name, "\" from outer query"));
    }
    if (std::find(grouping.columns.begin(), grouping.columns.end(), column) == grouping.columns.end()) {
      grouping.expressions.push_back(MakeColumn(column, plan_.columns[column].type, position));
      grouping.columns.push_back(column);
    }
  }
  return absl::OkStatus();
}

absl::StatusOr<LogicalPtr> QueryBinder::WithRelease(const LogicalPtr& node, std::set<ColumnId> listed) {
  CollectReads(node, IsListing, listed);
  return ReleaseBelow(node, listed);
}

absl::StatusOr<LogicalPtr> QueryBinder::ReleaseBelow(const LogicalPtr& node, const std::set<ColumnId>& read) {
  if (IsListing(*node) && !ScannedParties(*node, catalog_).empty()) return ListedBesideGroups(node, read);
  const auto* aggregate = std::get_if<AggregateNode>(&node->node);
  if (aggregate != nullptr && IsOfForgetfulGroups(*aggregate->child)) {
    if (LogicalPtr merged = MergeGroups(*aggregate)) return merged;
  } else if (aggregate != nullptr || std::holds_alternative<GroupingSetsNode>(node->node)) {
    return MakeNode(ReleaseNode{node});
  }
  std::vector<LogicalPtr> children;
  for (const LogicalPtr& child : ChildrenOf(*node)) {
    CARE_ASSIGN_OR_RETURN(LogicalPtr released, ReleaseBelow(child, read));
    children.push_back(std::move(released));
  }
  absl::Status refused;
  // What stands above a release sees released values only, so its subqueries are released as well.
  LogicalPtr mapped = MapExpressions(WithChildren(node, std::move(children)), [&](const ExpressionPtr& whole) {
    return TransformExpression(whole, [&](const ExpressionPtr& part) -> ExpressionPtr {
      const auto* subquery = std::get_if<SubqueryExpression>(&part->node);
      if (subquery == nullptr || !refused.ok()) return part;
      if (subquery->kind != SubqueryKind::kScalar) {
        refused = NotYet(part->position,
                         subquery->kind == SubqueryKind::kIn ? "IN (SELECT ...) over released groups" : "EXISTS over released groups",
                         "put the condition into the WHERE of the groups, or join them with the subquery");
        return part;
      }
      if (!FreeColumns(*subquery->plan).empty()) {
        refused = NotYet(part->position, "a subquery over released groups that refers to the query around it",
                         "join the tables instead, and aggregate over the join");
        return part;
      }
      refused = released_subqueries_[subquery->column];
      if (!refused.ok()) return part;
      // Which of several hidden groups is the one row nobody could be told.
      if (ChoosesGroups(*subquery->plan) && ReadsPersons(*subquery->plan, catalog_)) {
        refused = NotYet(part->position, "HAVING, ORDER BY or LIMIT over groups of persons in a released subquery",
                         "put conditions into its WHERE, and ask for one aggregate");
        return part;
      }
      absl::StatusOr<LogicalPtr> released = WithRelease(subquery->plan, {subquery->column});
      if (!released.ok()) {
        refused = released.status();
        return part;
      }
      SubqueryExpression copy = *subquery;
      copy.plan = *std::move(released);
      return std::make_shared<const Expression>(Expression{std::move(copy), part->type, part->position});
    });
  });
  CARE_RETURN_IF_ERROR(refused);
  return mapped;
}

}  // namespace care::planner
