// PostgresqlDialect: literals, expressions, aggregates, and what joins, sets and orders need.
#include "connectors/postgresql/dialect.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "connectors/postgresql/dialect_terms.h"
#include "connectors/postgresql/stored_column.h"
#include "engine/types/date.h"
#include "engine/types/status_macros.h"
#include "engine/types/timestamp.h"
#include "planner/logical/type_rules.h"

namespace care::connectors {
namespace {

using planner::AggregateFunction;
using planner::CallExpression;
using planner::ExpressionPtr;
using planner::Function;

template <class... Handlers>
struct Overloaded : Handlers... {
  using Handlers::operator()...;
};
template <class... Handlers>
Overloaded(Handlers...) -> Overloaded<Handlers...>;

bool IsText(const ExpressionPtr& expression) { return expression->type.kind == TypeKind::kText; }

}  // namespace

absl::StatusOr<std::string> PostgresqlLiteral(const Value& value, const DataType& type) {
  if (!IsPlannedType(type)) return NotProven("a type");
  const std::string cast = absl::StrCat("::", SqlTypeName({type.kind}));
  if (IsNull(value)) return absl::StrCat("NULL", cast);
  if (const bool* boolean = std::get_if<bool>(&value)) return absl::StrCat(*boolean ? "true" : "false", cast);
  if (const Date* date = std::get_if<Date>(&value)) return absl::StrCat("'", FormatDate(date->days), "'", cast);
  if (const auto* timestamp = std::get_if<Timestamp>(&value)) {
    // Both kinds are computed as timestamps in UTC, whatever the session's time zone.
    return absl::StrCat("'", FormatTimestamp({timestamp->microseconds, false}), "'", cast);
  }
  if (const std::string* text = std::get_if<std::string>(&value)) {
    if (text->find('\0') != std::string::npos) return NotProven("a text with a NUL character");
    return absl::StrCat(QuoteText(*text), cast);
  }
  const auto* integer = std::get_if<std::int64_t>(&value);
  if (integer != nullptr && type.IsInteger()) {
    return *integer < 0 ? absl::StrCat("'", *integer, "'", cast) : absl::StrCat(*integer, cast);
  }
  const auto* decimal = std::get_if<Decimal>(&value);
  if ((integer == nullptr && decimal == nullptr) || type.kind != TypeKind::kNumeric) return NotProven("a literal");
  const Decimal given = integer != nullptr ? Decimal{*integer, 0} : *decimal;
  CARE_ASSIGN_OR_RETURN(const Decimal scaled, RescaleDecimal(given, type.scale));
  if (CompareDecimals(scaled, given) != 0) return NotProven("a literal that its type does not hold");
  return absl::StrCat("'", scaled.ToString(), "'", cast);
}

absl::StatusOr<std::string> PostgresqlDialect::Operand(const ExpressionPtr& expression, const Scope& scope) const {
  CARE_ASSIGN_OR_RETURN(std::string sql, Expression(expression, scope));
  return IsText(expression) ? absl::StrCat("(", sql, " COLLATE \"C\")") : sql;
}

absl::StatusOr<std::vector<std::string>> PostgresqlDialect::Operands(const CallExpression& call,
                                                                     const Scope& scope) const {
  std::vector<std::string> operands;
  for (const ExpressionPtr& argument : call.arguments) {
    CARE_ASSIGN_OR_RETURN(std::string sql, Operand(argument, scope));
    operands.push_back(std::move(sql));
  }
  return operands;
}

absl::StatusOr<std::string> PostgresqlDialect::Expression(const ExpressionPtr& expression, const Scope& scope) const {
  using Result = absl::StatusOr<std::string>;
  return std::visit(
      Overloaded{
          [&](const planner::LiteralExpression& literal) -> Result {
            return PostgresqlLiteral(literal.value, expression->type);
          },
          [&](const planner::ColumnExpression& column) -> Result {
            const auto found = scope.find(column.column);
            if (found == scope.end()) return absl::InternalError("a column that is not in scope");
            return found->second.sql;
          },
          [&](const CallExpression& call) -> Result { return Call(call, expression, scope); },
          [&](const planner::CaseExpression& cases) -> Result {
            if (!IsPlannedType(expression->type)) return NotProven("a type");
            std::string sql = "(CASE";
            for (const planner::CaseExpression::Branch& branch : cases.branches) {
              CARE_ASSIGN_OR_RETURN(const std::string condition, Expression(branch.condition, scope));
              CARE_ASSIGN_OR_RETURN(const std::string result, Operand(branch.result, scope));
              absl::StrAppend(&sql, " WHEN ", condition, " THEN ", result);
            }
            CARE_ASSIGN_OR_RETURN(const std::string otherwise, Operand(cases.otherwise, scope));
            return absl::StrCat(sql, " ELSE ", otherwise, " END)");
          },
          [&](const planner::CastExpression& cast) -> Result {
            const DataType& from = cast.operand->type;
            const DataType& to = expression->type;
            CARE_ASSIGN_OR_RETURN(const std::string operand, Expression(cast.operand, scope));
            if (to.kind == TypeKind::kText && to.max_length == 0) {
              const bool exact = from.IsInteger() || from.kind == TypeKind::kBoolean || from.kind == TypeKind::kDate;
              if (from.kind == TypeKind::kText) return operand;
              if (exact) return absl::StrCat("(", operand, ")::text");
            }
            if (planner::IsMoment(from) && planner::IsMoment(to)) return absl::StrCat("(", operand, ")::", SqlTypeName(to));
            const std::optional<IntegerRange> range = ranges_.RangeOf(expression);
            const std::optional<IntegerRange> limit = TypeRange(to);
            if (!range || !limit || !Within(*range, *limit) || ScaleOf(to) < ScaleOf(from)) return NotProven("a cast");
            return absl::StrCat("(", operand, ")::", SqlTypeName(to));
          },
          [&](const planner::SubqueryExpression&) -> Result { return NotProven("a subquery"); },
          [&](const planner::InListExpression& list) -> Result {
            const DataType& type = list.operand->type;
            if (!IsPlannedType(type)) return NotProven("a type");
            CARE_ASSIGN_OR_RETURN(const std::string operand, IsColumn(list.operand) ? Expression(list.operand, scope)
                                                                                    : Operand(list.operand, scope));
            std::vector<std::string> values;
            for (const Value& value : list.values) {
              CARE_ASSIGN_OR_RETURN(std::string literal, PostgresqlLiteral(value, type));
              values.push_back(std::move(literal));
            }
            return absl::StrCat("(", operand, " IN (", absl::StrJoin(values, ", "), "))");
          },
      },
      expression->node);
}

absl::StatusOr<std::string> PostgresqlDialect::Aggregate(const planner::AggregateCall& call,
                                                         const std::string& argument) const {
  const std::string all = absl::StrCat(call.distinct ? "DISTINCT " : "", argument,
                                       call.argument != nullptr && IsText(call.argument) ? " COLLATE \"C\"" : "");
  switch (call.function) {
    case AggregateFunction::kCountStar:
      return std::string("count(*)");
    case AggregateFunction::kCount:
      return absl::StrCat("count(", all, ")");
    case AggregateFunction::kSum:
      if (!call.argument->type.IsExactNumber()) return NotProven("a sum of another type");
      return absl::StrCat("sum(", all, ")");
    case AggregateFunction::kMin:
      return absl::StrCat("min(", all, ")");
    case AggregateFunction::kMax:
      return absl::StrCat("max(", all, ")");
    case AggregateFunction::kBoolAnd:
      return absl::StrCat("bool_and(", all, ")");
    case AggregateFunction::kBoolOr:
      return absl::StrCat("bool_or(", all, ")");
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

absl::StatusOr<std::string> PostgresqlDialect::SemiJoin(const planner::JoinNode& join, const SqlSelect& left,
                                                        const SqlSelect& right) const {
  // As EXISTS, which PostgreSQL hashes; NOT IN over many rows it would search for each.
  Scope scope = left.OutputScope();
  for (const auto& [column, value] : right.OutputScope()) scope[column] = value;
  CARE_ASSIGN_OR_RETURN(const std::string condition, Expression(join.condition, scope));
  return absl::StrCat(join.kind == planner::JoinKind::kAnti ? "NOT " : "", "EXISTS (SELECT 1 FROM ", right.from,
                      " WHERE ", condition, ")");
}

absl::Status PostgresqlDialect::FullJoin(const planner::JoinNode& join, const SqlSelect& left,
                                         const SqlSelect& right) const {
  // "FULL JOIN is only supported with merge-joinable or hash-joinable join conditions": an equality of a column of each side.
  const Scope left_scope = left.OutputScope();
  const Scope right_scope = right.OutputScope();
  for (const ExpressionPtr& conjunct : planner::SplitConjuncts(join.condition)) {
    const auto* call = std::get_if<CallExpression>(&conjunct->node);
    if (call == nullptr || call->function != Function::kEqual) continue;
    const auto* a = std::get_if<planner::ColumnExpression>(&call->arguments[0]->node);
    const auto* b = std::get_if<planner::ColumnExpression>(&call->arguments[1]->node);
    if (a == nullptr || b == nullptr) continue;
    const bool joins = (left_scope.count(a->column) != 0 && right_scope.count(b->column) != 0) ||
                       (left_scope.count(b->column) != 0 && right_scope.count(a->column) != 0);
    if (joins) return absl::OkStatus();
  }
  return NotProven("a full join without an equality");
}

absl::StatusOr<std::string> PostgresqlDialect::SetInput(const std::string& sql, planner::ColumnId from,
                                                        planner::ColumnId to) const {
  const DataType& type = columns_[to].type;
  const DataType& own = columns_[from].type;
  const bool alike = (own.IsExactNumber() && type.IsExactNumber()) || own.kind == type.kind;
  if (!alike || !IsPlannedType(type)) return NotProven("a set operation of unlike types");
  if (type.kind == TypeKind::kText) return absl::StrCat("(", sql, " COLLATE \"C\")");
  return absl::StrCat("(", sql, ")::", SqlTypeName({type.kind}));
}

absl::StatusOr<std::string> PostgresqlDialect::Constant(const Value& value, planner::ColumnId column) const {
  return PostgresqlLiteral(value, columns_[column].type);
}

std::string PostgresqlDialect::SortTerm(const std::string& sql, const planner::SortKey& key, bool never_null) const {
  const bool default_nulls_first = key.descending;
  return absl::StrCat(sql, IsText(key.expression) ? " COLLATE \"C\"" : "", key.descending ? " DESC" : "",
                      never_null || key.nulls_first == default_nulls_first ? ""
                      : key.nulls_first                                    ? " NULLS FIRST"
                                                                           : " NULLS LAST");
}

}  // namespace care::connectors
