// SelectBuilder: constants, set operations and windows.
#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "connectors/connector.h"
#include "connectors/select/select_builder.h"
#include "engine/types/status_macros.h"

namespace care::connectors {
namespace {

using planner::ColumnId;
using planner::WindowFunction;

constexpr std::size_t kMostConstants = 400;             // SQLite takes 500 terms in one compound
constexpr std::uint64_t kMostDistance = 1'000'000'000;  // PostgreSQL's is of four bytes

absl::Status NotProven(const char* what) { return absl::UnimplementedError(what); }

const char* OperatorOf(const planner::SetOperationNode& operation) {
  switch (operation.kind) {
    case sql::SetOperationKind::kUnion:
      return operation.all ? " UNION ALL " : " UNION ";
    case sql::SetOperationKind::kIntersect:
      return operation.all ? " INTERSECT ALL " : " INTERSECT ";
    case sql::SetOperationKind::kExcept:
      return operation.all ? " EXCEPT ALL " : " EXCEPT ";
  }
  return "";
}

const char* NameOf(WindowFunction function) {
  switch (function) {
    case WindowFunction::kRowNumber:
      return "row_number()";
    case WindowFunction::kRank:
      return "rank()";
    case WindowFunction::kDenseRank:
      return "dense_rank()";
    case WindowFunction::kLag:
      return "lag";
    case WindowFunction::kLead:
      return "lead";
    case WindowFunction::kFirstValue:
      return "first_value";
    case WindowFunction::kLastValue:
      return "last_value";
    default:
      return "";
  }
}

std::string FrameSql(const planner::RowsFrame& rows) {
  const auto bound = [](std::int64_t place, std::int64_t other) -> std::string {
    if (place < 0) return absl::StrCat(-place, " PRECEDING");
    if (place > 0) return absl::StrCat(place, " FOLLOWING");
    // Beside an end that makes the frame empty CURRENT ROW is a syntax error.
    return other < 0 ? "0 PRECEDING" : "CURRENT ROW";
  };
  const std::string last = rows.last == 0 && rows.first > 0 ? "0 FOLLOWING" : bound(rows.last, 0);
  return absl::StrCat("ROWS BETWEEN ", bound(rows.first, rows.last), " AND ", last);
}

planner::AggregateFunction AggregateOf(WindowFunction function) {
  switch (function) {
    case WindowFunction::kCount:
      return planner::AggregateFunction::kCount;
    case WindowFunction::kSum:
      return planner::AggregateFunction::kSum;
    case WindowFunction::kAverage:
      return planner::AggregateFunction::kAverage;
    case WindowFunction::kMin:
      return planner::AggregateFunction::kMin;
    case WindowFunction::kMax:
      return planner::AggregateFunction::kMax;
    default:
      return planner::AggregateFunction::kCountStar;
  }
}

}  // namespace

absl::StatusOr<SqlSelect> SelectBuilder::Visit(const planner::ValuesNode& values) const {
  if (values.rows.empty() || values.rows.size() > kMostConstants || values.columns.empty()) {
    return NotProven("no constants, or many");
  }
  std::vector<std::string> rows;
  for (const std::vector<Value>& row : values.rows) {
    SqlSelect one;
    for (std::size_t i = 0; i < values.columns.size(); ++i) {
      CARE_ASSIGN_OR_RETURN(std::string sql, dialect_.Constant(row[i], values.columns[i]));
      one.outputs.push_back({values.columns[i], {std::move(sql)}});
    }
    rows.push_back(one.ToSql());
  }
  SqlSelect select;
  select.from = absl::StrCat("(", absl::StrJoin(rows, " UNION ALL "), ")", dialect_.SubqueryName("q"));
  for (const ColumnId column : values.columns) select.outputs.push_back({column, {ColumnName(column)}});
  return select;
}

absl::StatusOr<SqlSelect> SelectBuilder::Visit(const planner::SetOperationNode& operation) const {
  if (operation.columns.empty()) return NotProven("rows without columns");
  if (operation.all && operation.kind != sql::SetOperationKind::kUnion && !dialect_.CountsEqualRows()) {
    return NotProven("counting equal rows");
  }
  std::vector<std::string> inputs;
  for (std::size_t i = 0; i < operation.inputs.size(); ++i) {
    CARE_ASSIGN_OR_RETURN(SqlSelect input, Select(*operation.inputs[i]));
    // An order or a limit, a DISTINCT of other columns: inside. Every column then has a plain name.
    if (input.distinct || input.grouped || !input.limit.empty() || !input.order_by.empty())
      input = Wrapped(input);
    const Scope scope = input.OutputScope();
    input.outputs.clear();
    for (std::size_t column = 0; column < operation.columns.size(); ++column) {
      const ColumnId from = operation.input_columns[i][column];
      const auto found = scope.find(from);
      if (found == scope.end())
        return absl::InternalError("a column of a set operation that is not in scope");
      if (found->second.native_decimal) return NotProven("a set operation of decimal text");
      CARE_ASSIGN_OR_RETURN(std::string sql,
                            dialect_.SetInput(found->second.sql, from, operation.columns[column]));
      input.outputs.push_back({operation.columns[column], {std::move(sql)}});
    }
    inputs.push_back(input.ToSql());
  }
  SqlSelect select;
  select.from =
      absl::StrCat("(", absl::StrJoin(inputs, OperatorOf(operation)), ")", dialect_.SubqueryName("q"));
  for (const ColumnId column : operation.columns) select.outputs.push_back({column, {ColumnName(column)}});
  return select;
}

absl::StatusOr<std::string> SelectBuilder::WindowCallSql(const planner::WindowCall& call,
                                                         const Scope& scope) const {
  switch (call.function) {
    case WindowFunction::kRowNumber:
    case WindowFunction::kRank:
    case WindowFunction::kDenseRank:
      return std::string(NameOf(call.function));
    case WindowFunction::kFirstValue:
    case WindowFunction::kLastValue: {
      CARE_ASSIGN_OR_RETURN(const std::string argument, dialect_.Expression(call.argument, scope));
      return absl::StrCat(NameOf(call.function), "(", argument, ")");
    }
    case WindowFunction::kLag:
    case WindowFunction::kLead: {
      if (call.distance > kMostDistance) return NotProven("a row that far away");
      CARE_ASSIGN_OR_RETURN(const std::string argument, dialect_.Expression(call.argument, scope));
      std::string sql = absl::StrCat(NameOf(call.function), "(", argument, ", ", call.distance);
      if (call.fallback != nullptr) {
        if (!(call.fallback->type == call.argument->type)) return NotProven("a fallback of another type");
        CARE_ASSIGN_OR_RETURN(const std::string fallback, dialect_.Expression(call.fallback, scope));
        absl::StrAppend(&sql, ", ", fallback);
      }
      return sql + ")";
    }
    case WindowFunction::kCountStar:
    case WindowFunction::kCount:
    case WindowFunction::kSum:
    case WindowFunction::kAverage:
    case WindowFunction::kMin:
    case WindowFunction::kMax: {
      planner::AggregateCall aggregate;
      aggregate.function = AggregateOf(call.function);
      aggregate.argument = call.argument;
      aggregate.type = call.type;
      return AggregateSql(aggregate, scope);
    }
  }
  return NotProven("an unknown window function");
}

absl::StatusOr<SqlSelect> SelectBuilder::Visit(const planner::WindowNode& window) const {
  CARE_ASSIGN_OR_RETURN(const SqlSelect child, Select(*window.child));
  SqlSelect select = Wrapped(child);
  const Scope scope = select.OutputScope();
  std::vector<std::string> partition;
  for (const ColumnId column : window.partition_by) {
    const auto found = scope.find(column);
    if (found == scope.end()) return absl::InternalError("a partition column that is not in scope");
    if (found->second.native_decimal) return NotProven("partitions of decimal text");
    partition.push_back(found->second.sql);
  }
  std::vector<std::string> order;
  for (const planner::SortKey& key : window.order_by) {
    CARE_ASSIGN_OR_RETURN(const std::string sql, dialect_.Expression(key.expression, scope));
    order.push_back(dialect_.SortTerm(sql, key, /*never_null=*/false));
  }
  std::string over = partition.empty() ? "" : absl::StrCat("PARTITION BY ", absl::StrJoin(partition, ", "));
  if (!order.empty())
    absl::StrAppend(&over, over.empty() ? "" : " ", "ORDER BY ", absl::StrJoin(order, ", "));
  for (const planner::NamedWindowCall& named : window.calls) {
    CARE_ASSIGN_OR_RETURN(const std::string call, WindowCallSql(named.call, scope));
    const std::string frame = named.call.rows ? absl::StrCat(over.empty() ? "" : " ", FrameSql(*named.call.rows)) : "";
    select.outputs.push_back({named.column, {absl::StrCat(call, " OVER (", over, frame, ")")}});
  }
  // Whatever filters or groups these rows does so above.
  return Wrapped(select);
}

}  // namespace care::connectors
