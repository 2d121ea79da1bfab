#include "connectors/select/select_builder.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
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

// `column IS NOT NULL` of a column that holds no NULL by declaration: the check of its cells says it better.
bool HoldsByDeclaration(const ExpressionPtr& conjunct, const Scope& scope) {
  const auto* call = std::get_if<planner::CallExpression>(&conjunct->node);
  if (call == nullptr || call->function != Function::kIsNotNull) return false;
  const auto* column = std::get_if<ColumnExpression>(&call->arguments[0]->node);
  if (column == nullptr) return false;
  const auto found = scope.find(column->column);
  return found != scope.end() && found->second.never_null;
}

bool IsPlain(const SqlSelect& select) {
  return !select.grouped && !select.distinct && select.limit.empty() && select.order_by.empty();
}

// Whether the rows are made by a subquery rather than found in a table.
bool IsMade(const planner::LogicalNode& node) {
  if (std::holds_alternative<planner::ProjectNode>(node.node) || std::holds_alternative<planner::FilterNode>(node.node))
    return IsMade(*planner::ChildrenOf(node)[0]);
  return std::holds_alternative<planner::AggregateNode>(node.node) || std::holds_alternative<planner::DistinctNode>(node.node) ||
         std::holds_alternative<planner::SetOperationNode>(node.node) || std::holds_alternative<planner::ValuesNode>(node.node);
}

// A constant in GROUP BY or ORDER BY would be read as a position.
bool IsNumber(const std::string& sql) {
  return !sql.empty() && sql.find_first_not_of("0123456789-+() ") == std::string::npos;
}

}  // namespace

SqlSelect SelectBuilder::Wrapped(const SqlSelect& inner, const char* alias) const {
  SqlSelect outer;
  outer.from = absl::StrCat("(", inner.ToSql(), ")", dialect_.SubqueryName(alias));
  for (const SqlSelect::Output& output : inner.outputs) {
    outer.outputs.push_back(
        {output.column, {ColumnName(output.column), output.value.native_decimal, output.value.never_null}});
  }
  return outer;
}

SqlSelect SelectBuilder::Named(SqlSelect select) const {
  const bool constant = std::any_of(select.outputs.begin(), select.outputs.end(),
                                    [](const auto& output) { return IsNumber(output.value.sql); });
  return constant ? Wrapped(select) : select;
}

absl::StatusOr<SqlSelect> SelectBuilder::Select(const planner::LogicalNode& node) const {
  return std::visit([this](const auto& kind) { return Visit(kind); }, node.node);
}

absl::StatusOr<SqlSelect> SelectBuilder::Visit(const planner::ScanNode& scan) const {
  const PhysicalTable& table = tables_[static_cast<std::size_t>(scan.table)];
  CARE_RETURN_IF_ERROR(table.status);
  if (table.from.empty()) {
    return absl::NotFoundError(absl::StrCat(catalog_.tables[static_cast<std::size_t>(scan.table)].FullName(),
                                            ": this table is another party's"));
  }
  SqlSelect select;
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

absl::StatusOr<SqlSelect> SelectBuilder::Visit(const planner::FilterNode& filter) const {
  CARE_ASSIGN_OR_RETURN(SqlSelect select, Select(*filter.child));
  if (select.grouped || select.distinct || !select.limit.empty()) select = Wrapped(select);
  const Scope scope = select.OutputScope();
  for (const ExpressionPtr& conjunct : planner::SplitConjuncts(filter.predicate)) {
    if (HoldsByDeclaration(conjunct, scope)) continue;
    CARE_ASSIGN_OR_RETURN(std::string sql, dialect_.Expression(conjunct, scope));
    select.where.push_back(std::move(sql));
  }
  return select;
}

absl::StatusOr<SqlSelect> SelectBuilder::Visit(const planner::ProjectNode& project) const {
  CARE_ASSIGN_OR_RETURN(SqlSelect select, Select(*project.child));
  // Without an aggregate in its list a select over all rows as one group would be one over the rows.
  if (select.distinct || (select.grouped && select.group_by.empty())) select = Wrapped(select);
  const Scope scope = select.OutputScope();
  select.outputs.clear();
  for (const planner::NamedExpression& column : project.columns) {
    const auto* plain = std::get_if<ColumnExpression>(&column.expression->node);
    const auto found = plain == nullptr ? scope.end() : scope.find(plain->column);
    if (found != scope.end()) {
      select.outputs.push_back({column.column, found->second});
      continue;
    }
    CARE_ASSIGN_OR_RETURN(std::string sql, dialect_.Expression(column.expression, scope));
    select.outputs.push_back({column.column, {std::move(sql)}});
  }
  return select;
}

absl::StatusOr<SqlSelect> SelectBuilder::Visit(const planner::JoinNode& join) const {
  CARE_ASSIGN_OR_RETURN(SqlSelect left, Select(*join.left));
  CARE_ASSIGN_OR_RETURN(SqlSelect right, Select(*join.right));
  // Each side's columns under their own names: no two clash, since a ColumnId is unique in a plan.
  SqlSelect left_named = Wrapped(left, "l");
  SqlSelect right_named = Wrapped(right, "r");
  switch (join.kind) {
    case JoinKind::kInner:
    case JoinKind::kCross:
    case JoinKind::kLeft:
    case JoinKind::kFull: {
      if (join.kind == JoinKind::kFull) {
        CARE_RETURN_IF_ERROR(dialect_.FullJoin(join, left_named, right_named));
        for (SqlSelect::Output& output : left_named.outputs) output.value.never_null = false;
      }
      SqlSelect select;
      select.outputs = left_named.outputs;
      if (join.kind == JoinKind::kLeft || join.kind == JoinKind::kFull) {
        for (SqlSelect::Output& output : right_named.outputs) output.value.never_null = false;
      }
      select.outputs.insert(select.outputs.end(), right_named.outputs.begin(), right_named.outputs.end());
      CARE_ASSIGN_OR_RETURN(const std::string condition, dialect_.Expression(join.condition, select.OutputScope()));
      const char* joins = join.kind == JoinKind::kLeft ? " LEFT JOIN " : join.kind == JoinKind::kFull ? " FULL JOIN " : " JOIN ";
      if (join.kind == JoinKind::kInner && IsMade(*join.left) != IsMade(*join.right)) {
        joins = dialect_.JoinWithMadeRows();
        if (IsMade(*join.left)) std::swap(left_named, right_named);
      }
      select.from = absl::StrCat(left_named.from, joins, right_named.from, " ON ", condition);
      if (join.kind == JoinKind::kFull && dialect_.MisplacesFullJoins()) select.limit = absl::StrCat(" LIMIT ", dialect_.NoLimit());
      return select;
    }
    case JoinKind::kSemi:
    case JoinKind::kAnti: {
      CARE_ASSIGN_OR_RETURN(std::string condition, dialect_.SemiJoin(join, left_named, right_named));
      left_named.where.push_back(std::move(condition));
      return left_named;
    }
  }
  return NotProven("an unknown join");
}

absl::StatusOr<std::string> SelectBuilder::AggregateSql(const planner::AggregateCall& call, const Scope& scope) const {
  std::string argument;
  if (call.argument != nullptr) {
    const auto* plain = std::get_if<ColumnExpression>(&call.argument->node);
    const auto column = plain == nullptr ? scope.end() : scope.find(plain->column);
    if (call.function == AggregateFunction::kCount && !call.distinct && column != scope.end()) {
      argument = column->second.sql;  // NULL or not is all that COUNT asks, of decimal text too.
    } else {
      CARE_ASSIGN_OR_RETURN(argument, dialect_.Expression(call.argument, scope));
    }
  }
  CARE_ASSIGN_OR_RETURN(std::string sql, dialect_.Aggregate(call, argument));
  if (call.filter != nullptr) {
    CARE_ASSIGN_OR_RETURN(const std::string filter, dialect_.Expression(call.filter, scope));
    absl::StrAppend(&sql, " FILTER (WHERE ", filter, ")");
  }
  return sql;
}

absl::StatusOr<SqlSelect> SelectBuilder::Visit(const planner::AggregateNode& aggregate) const {
  CARE_ASSIGN_OR_RETURN(SqlSelect child, Select(*aggregate.child));
  child.order_by = child.limit.empty() ? std::vector<std::string>() : child.order_by;
  SqlSelect select = IsPlain(child) ? Named(std::move(child)) : Wrapped(child);
  const Scope scope = select.OutputScope();
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

absl::StatusOr<SqlSelect> SelectBuilder::Visit(const planner::GroupingSetsNode&) const {
  return NotProven("grouping sets");
}
absl::StatusOr<SqlSelect> SelectBuilder::Visit(const planner::ReleaseNode&) const { return NotProven("a release"); }

absl::StatusOr<SqlSelect> SelectBuilder::Visit(const planner::SortNode& sort) const {
  CARE_ASSIGN_OR_RETURN(SqlSelect child, Select(*sort.child));
  // DISTINCT may sort by selected columns alone, and a number in a clause is a position: name the columns first.
  SqlSelect select = child.distinct || !child.limit.empty() ? Wrapped(child) : Named(std::move(child));
  const Scope scope = select.OutputScope();
  select.order_by.clear();
  for (const planner::SortKey& key : sort.keys) {
    CARE_ASSIGN_OR_RETURN(const std::string sql, dialect_.Expression(key.expression, scope));
    if (IsNumber(sql)) continue;  // A constant orders nothing.
    const auto* plain = std::get_if<ColumnExpression>(&key.expression->node);
    const bool never_null = plain != nullptr && scope.at(plain->column).never_null;
    select.order_by.push_back(dialect_.SortTerm(sql, key, never_null));
  }
  return select;
}

absl::StatusOr<SqlSelect> SelectBuilder::Visit(const planner::LimitNode& limit) const {
  CARE_ASSIGN_OR_RETURN(SqlSelect select, Select(*limit.child));
  if (!select.limit.empty()) select = Wrapped(select);
  constexpr std::uint64_t kMostRows = INT64_MAX;
  select.limit = absl::StrCat(
      " LIMIT ", limit.limit ? absl::StrCat(std::min(*limit.limit, kMostRows)) : std::string(dialect_.NoLimit()));
  if (limit.offset > 0) absl::StrAppend(&select.limit, " OFFSET ", std::min(limit.offset, kMostRows));
  return select;
}

absl::StatusOr<SqlSelect> SelectBuilder::Visit(const planner::DistinctNode& distinct) const {
  CARE_ASSIGN_OR_RETURN(SqlSelect child, Select(*distinct.child));
  for (const SqlSelect::Output& output : child.outputs) {
    if (output.value.native_decimal) return NotProven("DISTINCT of decimal text");
  }
  if (child.limit.empty()) child.order_by.clear();
  SqlSelect select = IsPlain(child) ? std::move(child) : Wrapped(child);
  select.distinct = true;
  return select;
}

}  // namespace care::connectors
