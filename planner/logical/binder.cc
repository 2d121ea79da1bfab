#include "planner/logical/binder.h"

#include <algorithm>
#include <functional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "engine/types/status_macros.h"
#include "grammar/parser.h"
#include "grammar/query_error.h"
#include "planner/logical/column_facts.h"
#include "planner/logical/free_columns.h"
#include "planner/logical/query_binder.h"
#include "planner/logical/row_facts.h"

namespace care::planner {
namespace {

constexpr std::size_t kMostWrittenOut = 10'000;

// Rows of constants and of values that subqueries have, each released by itself: SELECT (SELECT COUNT(*) FROM a), (SELECT ...).
bool IsBoard(const LogicalPtr& node, const Catalog& catalog) {
  bool subqueries = false;
  const std::function<void(const LogicalPtr&)> look = [&](const LogicalPtr& at) {
    MapExpressions(at, [&](const ExpressionPtr& expression) {
      subqueries = subqueries || HasSubquery(expression);
      return expression;
    });
    for (const LogicalPtr& child : ChildrenOf(*at)) look(child);
  };
  look(node);
  return subqueries && ScannedParties(*node, catalog).empty();
}

}  // namespace

absl::StatusOr<LogicalPlan> QueryBinder::BindTop(const sql::SelectStatement& statement) {
  CARE_ASSIGN_OR_RETURN(BoundRows rows, BindStatement(statement, nullptr, nullptr));
  CARE_RETURN_IF_ERROR(too_large_);
  std::set<ColumnId> listed;
  for (const NamedColumn& column : rows.columns) listed.insert(column.column);
  if (!rows.if_row_level.ok()) {
    absl::StatusOr<LogicalPtr> listing = WithListedRows(rows.plan, listed, rows.if_row_level);
    if (!listing.ok() && rows.if_released.ok() && IsBoard(rows.plan, catalog_)) listing = WithRelease(rows.plan, listed);
    CARE_ASSIGN_OR_RETURN(plan_.root, std::move(listing));
  } else {
    CARE_RETURN_IF_ERROR(rows.if_released);
    CARE_ASSIGN_OR_RETURN(plan_.root, WithRelease(rows.plan, listed));
  }
  ShowFloats(rows);
  for (const NamedColumn& column : rows.columns) {
    plan_.output.push_back({column.column, column.name, plan_.columns[column.column].type});
  }
  RefreshFacts(plan_, catalog_);
  return std::move(plan_);
}

absl::StatusOr<std::vector<OutputColumn>> QueryBinder::BindColumns(const sql::SelectStatement& statement) {
  CARE_ASSIGN_OR_RETURN(const BoundRows rows, BindStatement(statement, nullptr, nullptr));
  std::vector<OutputColumn> columns;
  for (const NamedColumn& column : rows.columns) {
    columns.push_back({column.column, column.name, Reference(column, {})->type});
  }
  return columns;
}

absl::Status QueryBinder::Error(sql::SourcePosition position, std::string_view message,
                                std::string_view hint) const {
  if (view_.empty()) return sql::QueryError(sql_, position, message, hint);
  return sql::QueryError(sql_, position, absl::StrCat("in view \"", view_, "\": ", std::string(message)),
                         hint);
}

absl::Status QueryBinder::NotYet(sql::SourcePosition position, std::string_view construct,
                                 std::string_view hint) const {
  return Error(position, absl::StrCat(std::string(construct), " is not supported yet"), hint);
}

ColumnId QueryBinder::AddColumn(ColumnInfo info, std::set<ColumnId> origins, int scan) {
  const ColumnId column = plan_.AddColumn(std::move(info));
  if (scan >= 0) origins.insert(column);
  origins_.push_back(std::move(origins));
  scans_.push_back(scan);
  return column;
}

ColumnId QueryBinder::AddComputed(const ExpressionPtr& expression, std::string_view name) {
  ColumnInfo info;
  info.name = std::string(name);
  info.type = expression->type;
  SetFacts(FactsOf(expression, plan_.columns), info);
  const bool open = OpenScale(expression);
  const ColumnId column = AddColumn(std::move(info), OriginsOf(expression), -1);
  const std::size_t parts = WrittenOut(expression);
  if (parts > 1) parts_[column] = parts;
  if (parts > kMostWrittenOut) {
    // Rewrites and owners' databases write a subquery's expressions where they are used.
    Note(too_large_, Error(expression->position, absl::StrCat("written out, this expression has more than ", kMostWrittenOut, " parts"),
                           "columns of subqueries that are used several times, each made of others that are, double with every level"));
  }
  if (std::set<ColumnId> orders = OrdersOf(expression); !orders.empty()) ordered_by_[column] = std::move(orders);
  if (open) open_scale_.insert(column);
  if (expression->type.IsExactNumber() && IsFixedPoint(expression)) fixed_points_.insert(column);
  return column;
}

std::size_t QueryBinder::WrittenOut(const ExpressionPtr& expression) const {
  if (const auto* column = std::get_if<ColumnExpression>(&expression->node)) {
    const auto found = parts_.find(column->column);
    return found == parts_.end() ? 1 : found->second;
  }
  std::size_t parts = 1;
  for (const ExpressionPtr& child : ChildrenOf(expression)) parts = std::min(parts + WrittenOut(child), kMostWrittenOut + 1);
  return parts;
}

absl::StatusOr<std::vector<OutputColumn>> DescribeView(const CatalogView& view, const Catalog& catalog) {
  CARE_ASSIGN_OR_RETURN(const sql::Statement statement, sql::Parse(view.sql));
  const auto* select = std::get_if<sql::SelectStatement>(&statement);
  if (select == nullptr) return absl::InvalidArgumentError(absl::StrCat("view \"", view.name, "\" is not a SELECT"));
  return QueryBinder(view.sql, catalog, {}).BindColumns(*select);
}

absl::StatusOr<bool> QueryBinder::IsEmptied(const sql::SelectStatement& statement) {
  CARE_ASSIGN_OR_RETURN(const std::optional<std::uint64_t> limit, LimitValue(statement.limit, "LIMIT"));
  return limit == std::uint64_t{0};
}

absl::StatusOr<std::optional<std::vector<OutputColumn>>> BindEmptyAnswer(const sql::SelectStatement& statement,
                                                                         std::string_view sql, const Catalog& catalog,
                                                                         const BindContext& context) {
  QueryBinder binder(sql, catalog, context);
  CARE_ASSIGN_OR_RETURN(const bool emptied, binder.IsEmptied(statement));
  if (!emptied) return std::nullopt;
  return binder.BindColumns(statement);
}

absl::StatusOr<std::optional<ConstantRow>> BindConstantRow(const sql::SelectStatement& statement, std::string_view sql,
                                                           const Catalog& catalog, const BindContext& context) {
  return QueryBinder(sql, catalog, context).BindConstants(statement);
}

absl::StatusOr<LogicalPlan> Bind(const sql::SelectStatement& statement, std::string_view sql,
                                 const Catalog& catalog, const BindContext& context) {
  return QueryBinder(sql, catalog, context).BindTop(statement);
}

}  // namespace care::planner
