#include "connectors/sqlite/dialect.h"

#include <sqlite3.h>

#include <utility>

#include "absl/strings/str_cat.h"

namespace care::connectors {
namespace {

using planner::AggregateFunction;
using planner::ColumnExpression;
using planner::Function;

absl::Status NotProven(const char* what) { return absl::UnimplementedError(what); }

}  // namespace

absl::StatusOr<std::string> SqliteDialect::Expression(const planner::ExpressionPtr& expression,
                                                      const Scope& scope) const {
  return expressions_.Translate(expression, scope);
}

absl::StatusOr<std::string> SqliteDialect::Aggregate(const planner::AggregateCall& call,
                                                     const std::string& argument) const {
  const char* distinct = call.distinct ? "DISTINCT " : "";
  switch (call.function) {
    case AggregateFunction::kCountStar:
      return std::string("COUNT(*)");
    case AggregateFunction::kCount:
      return absl::StrCat("COUNT(", distinct, argument, ")");
    case AggregateFunction::kSum: {
      // SQLite adds in 64 bits and fails, rather than wraps, beyond them.
      const int scale = call.argument->type.kind == TypeKind::kNumeric ? call.argument->type.scale : 0;
      const int result_scale = call.type.kind == TypeKind::kNumeric ? call.type.scale : 0;
      if (!call.argument->type.IsExactNumber() || scale != result_scale) return NotProven("a sum at another scale");
      return absl::StrCat("SUM(", distinct, argument, ")");
    }
    case AggregateFunction::kMin:
    case AggregateFunction::kBoolAnd:
      return absl::StrCat("MIN(", argument, ")");
    case AggregateFunction::kMax:
    case AggregateFunction::kBoolOr:
      return absl::StrCat("MAX(", argument, ")");
    case AggregateFunction::kAverage:
      return NotProven("AVG");
    case AggregateFunction::kVariancePopulation:
    case AggregateFunction::kVarianceSample:
    case AggregateFunction::kDeviationPopulation:
    case AggregateFunction::kDeviationSample:
    case AggregateFunction::kCovariancePopulation:
    case AggregateFunction::kCovarianceSample:
    case AggregateFunction::kCorrelation:
    case AggregateFunction::kRegressionSlope:
    case AggregateFunction::kRegressionIntercept:
    case AggregateFunction::kRegressionR2:
    case AggregateFunction::kRegressionCount:
    case AggregateFunction::kPercentileContinuous:
    case AggregateFunction::kPercentileDiscrete:
      return NotProven("a statistic");
  }
  return NotProven("an unknown aggregate");
}

absl::StatusOr<std::string> SqliteDialect::SemiJoin(const planner::JoinNode& join, const SqlSelect& left,
                                                    const SqlSelect& right) const {
  // As IN, which SQLite answers with one pass over the right side; EXISTS would search it for each row.
  const std::vector<planner::ExpressionPtr> conjuncts = planner::SplitConjuncts(join.condition);
  if (conjuncts.size() != 1) return NotProven("a semi-join on more than one equality");
  const auto* call = std::get_if<planner::CallExpression>(&conjuncts[0]->node);
  if (call == nullptr || call->function != Function::kEqual) return NotProven("a semi-join's condition");
  const Scope left_scope = left.OutputScope();
  const Scope right_scope = right.OutputScope();
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
  return absl::StrCat("(", left_key->second.sql, " IN (SELECT ", right_key->second.sql, " FROM ", right.from, "))",
                      join.kind == planner::JoinKind::kAnti ? " IS NOT TRUE" : "");
}

absl::Status SqliteDialect::FullJoin(const planner::JoinNode&, const SqlSelect&, const SqlSelect&) const {
  constexpr int kFirstVersion = 3039000;
  if (sqlite3_libversion_number() < kFirstVersion) return NotProven("a full join");
  return absl::OkStatus();
}

absl::StatusOr<std::string> SqliteDialect::SetInput(const std::string& sql, planner::ColumnId from,
                                                    planner::ColumnId to) const {
  // Numbers are stored integers: of one scale, or they are other numbers.
  const DataType& type = columns_[to].type;
  const DataType& own = columns_[from].type;
  const bool alike = (own.IsExactNumber() && type.IsExactNumber()) || own.kind == type.kind;
  if (type.IsTimestamp() || own.IsTimestamp()) return NotProven("a timestamp's text");
  if (!alike || ScaleOf(own) != ScaleOf(type) || type.IsFloat() || type.kind == TypeKind::kInterval) {
    return NotProven("a set operation of unlike types");
  }
  return sql;
}

absl::StatusOr<std::string> SqliteDialect::Constant(const Value& value, planner::ColumnId column) const {
  return SqliteLiteral(value, columns_[column].type);
}

std::string SqliteDialect::SortTerm(const std::string& sql, const planner::SortKey& key, bool never_null) const {
  // SQLite counts NULL as least; PostgreSQL as greatest unless told.
  const bool default_nulls_first = !key.descending;
  return absl::StrCat(sql, key.descending ? " DESC" : "",
                      never_null || key.nulls_first == default_nulls_first ? ""
                      : key.nulls_first                                    ? " NULLS FIRST"
                                                                           : " NULLS LAST");
}

}  // namespace care::connectors
