#include "connectors/sqlite/dialect.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "connectors/connector.h"
#include "engine/types/status_macros.h"

namespace care::connectors {
namespace {

using planner::AggregateFunction;
using planner::ColumnExpression;
using planner::ColumnId;
using planner::ExpressionPtr;
using planner::Function;
using planner::JoinKind;

absl::Status NotProven(const char* what) { return absl::UnimplementedError(what); }

Scope ScopeOf(const SqliteSelect& select) {
  Scope scope;
  for (const SqliteSelect::Output& output : select.outputs) scope[output.column] = output.value;
  return scope;
}

// The select as a subquery: its columns are now plain names.
SqliteSelect Wrapped(SqliteSelect inner) {
  SqliteSelect outer;
  outer.from = absl::StrCat("(", inner.ToSql(), ")");
  for (const SqliteSelect::Output& output : inner.outputs) {
    outer.outputs.push_back({output.column, {ColumnName(output.column), output.value.native_decimal, output.value.never_null}});
  }
  return outer;
}

// `column IS NOT NULL` of a column that holds no NULL by declaration: the check of its cells says it better.
bool HoldsByDeclaration(const ExpressionPtr& conjunct, const Scope& scope) {
  const auto* call = std::get_if<planner::CallExpression>(&conjunct->node);
  if (call == nullptr || call->function != Function::kIsNotNull) return false;
  const auto* column = std::get_if<ColumnExpression>(&call->arguments[0]->node);
  if (column == nullptr) return false;
  const auto found = scope.find(column->column);
  return found != scope.end() && found->second.never_null;
}

bool IsPlain(const SqliteSelect& select) {
  return !select.grouped && !select.distinct && select.limit.empty() && select.order_by.empty();
}

// A constant in GROUP BY or ORDER BY would be read as a position.
bool IsNumber(const std::string& sql) {
  return !sql.empty() && sql.find_first_not_of("0123456789-+() ") == std::string::npos;
}

SqliteSelect Named(SqliteSelect select) {
  const bool constant = std::any_of(select.outputs.begin(), select.outputs.end(),
                                    [](const auto& output) { return IsNumber(output.value.sql); });
  return constant ? Wrapped(std::move(select)) : select;
}

}  // namespace

std::string SqliteSelect::ToSql() const {
  std::vector<std::string> items;
  for (const Output& output : outputs) {
    const std::string name = ColumnName(output.column);
    items.push_back(output.value.sql == name ? name : absl::StrCat(output.value.sql, " AS ", name));
  }
  if (items.empty()) items.push_back("1");  // COUNT(*) over a scan needs rows and no column.
  std::string sql = absl::StrCat("SELECT ", distinct ? "DISTINCT " : "", absl::StrJoin(items, ", "));
  if (!from.empty()) absl::StrAppend(&sql, " FROM ", from);
  if (!where.empty()) absl::StrAppend(&sql, " WHERE ", absl::StrJoin(where, " AND "));
  if (!group_by.empty()) absl::StrAppend(&sql, " GROUP BY ", absl::StrJoin(group_by, ", "));
  if (!order_by.empty()) absl::StrAppend(&sql, " ORDER BY ", absl::StrJoin(order_by, ", "));
  return sql + limit;
}

absl::StatusOr<SqliteSelect> SqliteDialect::Select(const planner::LogicalNode& node) const {
  return std::visit([this](const auto& kind) { return Visit(kind); }, node.node);
}

absl::StatusOr<SqliteSelect> SqliteDialect::Visit(const planner::ScanNode& scan) const {
  const PhysicalTable& table = tables_[static_cast<std::size_t>(scan.table)];
  CARE_RETURN_IF_ERROR(table.status);
  if (table.from.empty()) {
    return absl::NotFoundError(absl::StrCat(catalog_.tables[static_cast<std::size_t>(scan.table)].FullName(),
                                            ": this table is another party's"));
  }
  SqliteSelect select;
  select.from = table.from;
  for (const planner::ScanNode::Output& output : scan.columns) {
    const PhysicalColumn& column = table.columns[static_cast<std::size_t>(output.table_column)];
    CARE_RETURN_IF_ERROR(column.status);
    const bool never_null = !catalog_.tables[static_cast<std::size_t>(scan.table)]
                                 .columns[static_cast<std::size_t>(output.table_column)]
                                 .nullable;
    select.outputs.push_back({output.column, {column.sql, column.native_decimal, never_null}});
  }
  return select;
}

absl::StatusOr<SqliteSelect> SqliteDialect::Visit(const planner::FilterNode& filter) const {
  CARE_ASSIGN_OR_RETURN(SqliteSelect select, Select(*filter.child));
  if (select.grouped || select.distinct || !select.limit.empty()) select = Wrapped(std::move(select));
  const Scope scope = ScopeOf(select);
  for (const ExpressionPtr& conjunct : planner::SplitConjuncts(filter.predicate)) {
    if (HoldsByDeclaration(conjunct, scope)) continue;
    CARE_ASSIGN_OR_RETURN(std::string sql, expressions_.Translate(conjunct, scope));
    select.where.push_back(std::move(sql));
  }
  return select;
}

absl::StatusOr<SqliteSelect> SqliteDialect::Visit(const planner::ProjectNode& project) const {
  CARE_ASSIGN_OR_RETURN(SqliteSelect select, Select(*project.child));
  if (select.distinct) select = Wrapped(std::move(select));
  const Scope scope = ScopeOf(select);
  select.outputs.clear();
  for (const planner::NamedExpression& column : project.columns) {
    const auto* plain = std::get_if<ColumnExpression>(&column.expression->node);
    const auto found = plain == nullptr ? scope.end() : scope.find(plain->column);
    if (found != scope.end()) {
      select.outputs.push_back({column.column, found->second});
      continue;
    }
    CARE_ASSIGN_OR_RETURN(std::string sql, expressions_.Translate(column.expression, scope));
    select.outputs.push_back({column.column, {std::move(sql)}});
  }
  return select;
}

absl::StatusOr<SqliteSelect> SqliteDialect::Visit(const planner::JoinNode& join) const {
  CARE_ASSIGN_OR_RETURN(SqliteSelect left, Select(*join.left));
  CARE_ASSIGN_OR_RETURN(SqliteSelect right, Select(*join.right));
  // Each side's columns under their own names: no two clash, since a ColumnId is unique in a plan.
  SqliteSelect left_named = Wrapped(std::move(left));
  SqliteSelect right_named = Wrapped(std::move(right));
  const std::vector<ExpressionPtr> conjuncts = planner::SplitConjuncts(join.condition);
  switch (join.kind) {
    case JoinKind::kInner:
    case JoinKind::kCross:
    case JoinKind::kLeft: {
      SqliteSelect select;
      select.outputs = left_named.outputs;
      if (join.kind == JoinKind::kLeft) {
        for (SqliteSelect::Output& output : right_named.outputs) output.value.never_null = false;
      }
      select.outputs.insert(select.outputs.end(), right_named.outputs.begin(), right_named.outputs.end());
      CARE_ASSIGN_OR_RETURN(const std::string condition,
                            expressions_.Translate(join.condition, ScopeOf(select)));
      select.from = absl::StrCat(left_named.from, join.kind == JoinKind::kLeft ? " LEFT JOIN " : " JOIN ",
                                 right_named.from, " ON ", condition);
      return select;
    }
    case JoinKind::kSemi:
    case JoinKind::kAnti: {
      // As IN, which SQLite answers with one pass over the right side; EXISTS would search it for each row.
      if (conjuncts.size() != 1) return NotProven("a semi-join on more than one equality");
      const auto* call = std::get_if<planner::CallExpression>(&conjuncts[0]->node);
      if (call == nullptr || call->function != Function::kEqual) return NotProven("a semi-join's condition");
      const Scope left_scope = ScopeOf(left_named);
      const Scope right_scope = ScopeOf(right_named);
      const auto* first = std::get_if<ColumnExpression>(&call->arguments[0]->node);
      const auto* second = std::get_if<ColumnExpression>(&call->arguments[1]->node);
      if (first == nullptr || second == nullptr || !(call->arguments[0]->type == call->arguments[1]->type)) {
        return NotProven("a semi-join's condition");
      }
      if (left_scope.count(first->column) == 0) std::swap(first, second);
      const auto left_key = left_scope.find(first->column);
      const auto right_key = right_scope.find(second->column);
      if (left_key == left_scope.end() || right_key == right_scope.end() || left_key->second.native_decimal ||
          right_key->second.native_decimal) {
        return NotProven("a semi-join's condition");
      }
      left_named.where.push_back(absl::StrCat("(", left_key->second.sql, " IN (SELECT ", right_key->second.sql,
                                              " FROM ", right_named.from, "))",
                                              join.kind == JoinKind::kAnti ? " IS NOT TRUE" : ""));
      return left_named;
    }
    case JoinKind::kFull:
      return NotProven("a full join");
  }
  return NotProven("an unknown join");
}

absl::StatusOr<std::string> SqliteDialect::AggregateSql(const planner::AggregateCall& call,
                                                        const Scope& scope) const {
  std::string argument;
  if (call.argument != nullptr) {
    const auto* plain = std::get_if<ColumnExpression>(&call.argument->node);
    const auto column = plain == nullptr ? scope.end() : scope.find(plain->column);
    if (call.function == AggregateFunction::kCount && !call.distinct && column != scope.end()) {
      argument = column->second.sql;  // NULL or not is all that COUNT asks, of decimal text too.
    } else {
      CARE_ASSIGN_OR_RETURN(argument, expressions_.Translate(call.argument, scope));
    }
  }
  std::string sql;
  const char* distinct = call.distinct ? "DISTINCT " : "";
  switch (call.function) {
    case AggregateFunction::kCountStar:
      sql = "COUNT(*)";
      break;
    case AggregateFunction::kCount:
      sql = absl::StrCat("COUNT(", distinct, argument, ")");
      break;
    case AggregateFunction::kSum: {
      // SQLite adds in 64 bits and fails, rather than wraps, beyond them.
      const int scale = call.argument->type.kind == TypeKind::kNumeric ? call.argument->type.scale : 0;
      const int result_scale = call.type.kind == TypeKind::kNumeric ? call.type.scale : 0;
      if (!call.argument->type.IsExactNumber() || scale != result_scale) return NotProven("a sum at another scale");
      sql = absl::StrCat("SUM(", distinct, argument, ")");
      break;
    }
    case AggregateFunction::kMin:
    case AggregateFunction::kBoolAnd:
      sql = absl::StrCat("MIN(", argument, ")");
      break;
    case AggregateFunction::kMax:
    case AggregateFunction::kBoolOr:
      sql = absl::StrCat("MAX(", argument, ")");
      break;
    case AggregateFunction::kAverage:
      return NotProven("AVG");
  }
  if (call.filter != nullptr) {
    CARE_ASSIGN_OR_RETURN(const std::string filter, expressions_.Translate(call.filter, scope));
    absl::StrAppend(&sql, " FILTER (WHERE ", filter, ")");
  }
  return sql;
}

absl::StatusOr<SqliteSelect> SqliteDialect::Visit(const planner::AggregateNode& aggregate) const {
  CARE_ASSIGN_OR_RETURN(SqliteSelect child, Select(*aggregate.child));
  child.order_by = child.limit.empty() ? std::vector<std::string>() : child.order_by;
  SqliteSelect select = IsPlain(child) ? Named(std::move(child)) : Wrapped(std::move(child));
  const Scope scope = ScopeOf(select);
  select.outputs.clear();
  select.grouped = true;
  for (ColumnId column : aggregate.group_by) {
    const auto found = scope.find(column);
    if (found == scope.end()) return absl::InternalError("a group column that is not in scope");
    if (found->second.native_decimal) return NotProven("groups of decimal text");
    select.outputs.push_back({column, found->second});
    select.group_by.push_back(found->second.sql);
  }
  for (const planner::NamedAggregate& call : aggregate.calls) {
    CARE_ASSIGN_OR_RETURN(std::string sql, AggregateSql(call.call, scope));
    select.outputs.push_back({call.column, {std::move(sql)}});
  }
  return select;
}

absl::StatusOr<SqliteSelect> SqliteDialect::Visit(const planner::ReleaseNode&) const {
  return NotProven("a release");
}

absl::StatusOr<SqliteSelect> SqliteDialect::Visit(const planner::SortNode& sort) const {
  CARE_ASSIGN_OR_RETURN(SqliteSelect child, Select(*sort.child));
  // DISTINCT may sort by selected columns alone, and a number in a clause is a position: name the columns first.
  SqliteSelect select = child.distinct || !child.limit.empty() ? Wrapped(std::move(child)) : Named(std::move(child));
  const Scope scope = ScopeOf(select);
  select.order_by.clear();
  for (const planner::SortKey& key : sort.keys) {
    CARE_ASSIGN_OR_RETURN(const std::string sql, expressions_.Translate(key.expression, scope));
    if (IsNumber(sql)) continue;  // A constant orders nothing.
    // SQLite counts NULL as least; PostgreSQL as greatest unless told.
    const bool default_nulls_first = !key.descending;
    const auto* plain = std::get_if<ColumnExpression>(&key.expression->node);
    const bool never_null = plain != nullptr && scope.at(plain->column).never_null;
    select.order_by.push_back(absl::StrCat(sql, key.descending ? " DESC" : "",
                                           never_null || key.nulls_first == default_nulls_first ? ""
                                           : key.nulls_first                      ? " NULLS FIRST"
                                                                                  : " NULLS LAST"));
  }
  return select;
}

absl::StatusOr<SqliteSelect> SqliteDialect::Visit(const planner::LimitNode& limit) const {
  CARE_ASSIGN_OR_RETURN(SqliteSelect select, Select(*limit.child));
  if (!select.limit.empty()) select = Wrapped(std::move(select));
  constexpr std::uint64_t kMostRows = INT64_MAX;
  select.limit = limit.limit ? absl::StrCat(" LIMIT ", std::min(*limit.limit, kMostRows)) : " LIMIT -1";
  if (limit.offset > 0) absl::StrAppend(&select.limit, " OFFSET ", std::min(limit.offset, kMostRows));
  return select;
}

absl::StatusOr<SqliteSelect> SqliteDialect::Visit(const planner::DistinctNode& distinct) const {
  CARE_ASSIGN_OR_RETURN(SqliteSelect child, Select(*distinct.child));
  for (const SqliteSelect::Output& output : child.outputs) {
    if (output.value.native_decimal) return NotProven("DISTINCT of decimal text");
  }
  if (child.limit.empty()) child.order_by.clear();
  SqliteSelect select = IsPlain(child) ? std::move(child) : Wrapped(std::move(child));
  select.distinct = true;
  return select;
}

}  // namespace care::connectors
