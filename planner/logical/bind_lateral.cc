// LATERAL subqueries that aggregate to one row: each column is a scalar subquery beside the rows to its left, which
// rules/decorrelate.cc turns into joins like any other.
#include <utility>

#include "absl/strings/str_cat.h"
#include "engine/types/status_macros.h"
#include "planner/logical/query_binder.h"

namespace care::planner {
namespace {

constexpr std::size_t kMostColumns = 20;  // each is bound by itself

// An aggregate without groups, below nothing that drops rows.
bool YieldsOneRow(const LogicalNode& node) {
  if (const auto* aggregate = std::get_if<AggregateNode>(&node.node)) return aggregate->group_by.empty();
  if (!std::holds_alternative<ProjectNode>(node.node) && !std::holds_alternative<SortNode>(node.node)) return false;
  return YieldsOneRow(*ChildrenOf(node)[0]);
}

}  // namespace

absl::StatusOr<BoundFrom> QueryBinder::BindLateral(BoundFrom left, const sql::SubqueryTable& subquery, sql::SourcePosition position,
                                                   const CommonTableFrame* frames, const Scope* enclosing) {
  if (subquery.alias.empty()) return Error(position, "subquery in FROM must have an alias", "write LATERAL (SELECT ...) AS name");
  const Scope around{left.tables, enclosing};
  ExpressionContext context{&around, "FROM", nullptr, frames};
  ScopeTable table{"", subquery.alias, {}, {}};
  ProjectNode project;
  for (ColumnId column : OutputColumns(*left.plan)) project.columns.push_back({column, MakeColumn(column, plan_.columns[column].type)});
  for (std::size_t i = 0, count = 1; i < count; ++i) {
    // Bound anew for each: a column stands in one place of a plan.
    CARE_ASSIGN_OR_RETURN(BoundRows rows, BindSubquery(*subquery.statement, context));
    count = rows.columns.size();
    if (!YieldsOneRow(*rows.plan) || count > kMostColumns) {
      return NotYet(position, count > kMostColumns ? "LATERAL with so many columns" : "LATERAL (SELECT ...) that could yield other than one row",
                    "aggregate in it without GROUP BY, or join the tables instead");
    }
    if (subquery.column_aliases.size() > count) {
      return Error(position, absl::StrCat("table \"", subquery.alias, "\" has ", count, " columns available but ",
                                          subquery.column_aliases.size(), " columns specified"));
    }
    SubqueryExpression scalar;
    scalar.kind = SubqueryKind::kScalar;
    scalar.column = rows.columns[i].column;
    NoteSubquery(scalar.column, rows);
    scalar.plan = std::move(rows.plan);
    const DataType type = plan_.columns[scalar.column].type;
    ExpressionPtr value = std::make_shared<const Expression>(Expression{std::move(scalar), type, position});
    CARE_RETURN_IF_ERROR(CheckUses(value, ColumnUse::kInner));
    const std::string name = i < subquery.column_aliases.size() ? subquery.column_aliases[i].text : rows.columns[i].name;
    const ColumnId column = AddComputed(value, name);
    project.columns.push_back({column, std::move(value)});
    table.columns.push_back({name, column, rows.columns[i].shown_as});
  }
  project.child = WithoutOrder(left.plan);
  left.plan = MakeNode(std::move(project));
  left.tables.push_back(std::move(table));
  left.if_row_level = absl::InvalidArgumentError("rows of base tables");
  return left;
}

absl::StatusOr<BoundFrom> QueryBinder::BindLateralJoin(const sql::Join& join, BoundFrom left, const sql::SubqueryTable& subquery,
                                                       const CommonTableFrame* frames, const Scope& siblings) {
  const sql::SourcePosition position = join.right->position;
  const auto* constant = join.on == nullptr ? nullptr : std::get_if<sql::Literal>(&join.on->node);
  const bool always = join.kind == sql::JoinKind::kCross || (constant != nullptr && constant->value == Value(true));
  const bool inner = join.kind == sql::JoinKind::kInner && join.on != nullptr;
  if (!inner && !(always && join.kind != sql::JoinKind::kFull && join.kind != sql::JoinKind::kRight)) {
    return NotYet(position, "LATERAL in such a join", "write CROSS JOIN LATERAL, and the condition in WHERE");
  }
  CARE_ASSIGN_OR_RETURN(BoundFrom joined, BindLateral(std::move(left), subquery, position, frames, siblings.enclosing));
  CARE_RETURN_IF_ERROR(CheckLastName(joined.tables, position));
  if (always) return joined;
  const Scope scope{joined.tables, siblings.enclosing};
  ExpressionContext context{&scope, "JOIN conditions", nullptr, frames};
  CARE_ASSIGN_OR_RETURN(ExpressionPtr condition, BindBoolean(*join.on, context));
  CARE_RETURN_IF_ERROR(CheckUses(condition, ColumnUse::kFilter));
  Note(joined.if_aggregated, WhyRaising(condition));
  joined.plan = MakeNode(FilterNode{std::move(joined.plan), std::move(condition)});
  return joined;
}

absl::Status QueryBinder::CheckLastName(const std::vector<ScopeTable>& tables, sql::SourcePosition position) const {
  for (std::size_t i = 0; i + 1 < tables.size(); ++i) {
    if (tables[i].name == tables.back().name && tables[i].schema.empty()) {
      return Error(position, absl::StrCat("table name \"", tables.back().name, "\" specified more than once"), "give each its own alias");
    }
  }
  return absl::OkStatus();
}

}  // namespace care::planner
