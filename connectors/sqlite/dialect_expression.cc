#include "connectors/sqlite/dialect_expression.h"

#include <algorithm>
#include <limits>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "engine/types/date.h"
#include "engine/types/status_macros.h"

namespace care::connectors {
namespace {

using planner::CallExpression;
using planner::CaseExpression;
using planner::CastExpression;
using planner::ColumnExpression;
using planner::ExpressionPtr;
using planner::Function;
using planner::InListExpression;
using planner::LiteralExpression;

absl::Status NotProven(const char* what) { return absl::UnimplementedError(what); }

template <class... Handlers>
struct Overloaded : Handlers... {
  using Handlers::operator()...;
};
template <class... Handlers>
Overloaded(Handlers...) -> Overloaded<Handlers...>;

bool IsNullLiteral(const ExpressionPtr& expression) {
  const auto* literal = std::get_if<LiteralExpression>(&expression->node);
  return literal != nullptr && IsNull(literal->value);
}

// Kinds that SQLite compares as PostgreSQL does once storage has been checked.
bool Comparable(const DataType& type) {
  return type.IsExactNumber() || type.kind == TypeKind::kBoolean || type.kind == TypeKind::kDate ||
         type.kind == TypeKind::kText;
}

std::string Infix(std::vector<std::string> operands, const char* op) {
  return absl::StrCat("(", absl::StrJoin(operands, op), ")");
}

}  // namespace

absl::StatusOr<std::string> SqliteLiteral(const Value& value, const DataType& type) {
  if (IsNull(value)) return "NULL";
  if (const bool* boolean = std::get_if<bool>(&value)) return *boolean ? "1" : "0";
  if (const std::int64_t* integer = std::get_if<std::int64_t>(&value)) {
    if (type.kind == TypeKind::kNumeric) return SqliteLiteral(Decimal{*integer, 0}, type);
    // The lowest integer has no literal: -9223372036854775808 is a minus before a float.
    if (*integer == std::numeric_limits<std::int64_t>::min()) return "(-9223372036854775807 - 1)";
    return absl::StrCat(*integer);
  }
  if (const Decimal* decimal = std::get_if<Decimal>(&value)) {
    CARE_ASSIGN_OR_RETURN(const Decimal scaled, RescaleDecimal(*decimal, ScaleOf(type)));
    if (CompareDecimals(scaled, *decimal) != 0 || scaled.unscaled <= std::numeric_limits<std::int64_t>::min() ||
        scaled.unscaled > std::numeric_limits<std::int64_t>::max()) {
      return NotProven("a literal that its type does not hold");
    }
    return absl::StrCat(static_cast<std::int64_t>(scaled.unscaled));
  }
  if (const Date* date = std::get_if<Date>(&value)) return absl::StrCat("'", FormatDate(date->days), "'");
  if (const std::string* text = std::get_if<std::string>(&value)) {
    if (text->find('\0') != std::string::npos) return NotProven("a text with a NUL character");
    return QuoteText(*text);
  }
  return NotProven("an interval");
}

absl::StatusOr<std::string> SqliteExpressions::AtScale(const ExpressionPtr& expression, int scale,
                                                       const Scope& scope) const {
  CARE_ASSIGN_OR_RETURN(std::string sql, Translate(expression, scope));
  const int shift = scale - ScaleOf(expression->type);
  if (!expression->type.IsExactNumber() || shift == 0 || IsNullLiteral(expression)) return sql;
  if (!ranges_.RangeAtScale(expression, scale)) return NotProven("a scale that could overflow");
  return absl::StrCat("(", sql, " * ", static_cast<std::int64_t>(PowerOfTen(shift)), ")");
}

absl::StatusOr<std::vector<std::string>> SqliteExpressions::Aligned(const std::vector<ExpressionPtr>& operands,
                                                                    const Scope& scope) const {
  int scale = 0;
  const DataType* kind = nullptr;
  for (const ExpressionPtr& operand : operands) {
    if (IsNullLiteral(operand)) continue;
    if (!Comparable(operand->type)) return NotProven("a type");
    if (kind != nullptr && !(kind->IsExactNumber() && operand->type.IsExactNumber()) &&
        kind->kind != operand->type.kind) {
      return NotProven("a comparison of unlike types");
    }
    kind = &operand->type;
    scale = std::max(scale, ScaleOf(operand->type));
  }
  std::vector<std::string> texts;
  for (const ExpressionPtr& operand : operands) {
    CARE_ASSIGN_OR_RETURN(std::string sql, AtScale(operand, scale, scope));
    texts.push_back(std::move(sql));
  }
  return texts;
}

absl::StatusOr<std::string> SqliteExpressions::TranslateCall(const CallExpression& call, const DataType& type,
                                                             const ExpressionPtr& whole,
                                                             const Scope& scope) const {
  const auto all = [&]() -> absl::StatusOr<std::vector<std::string>> {
    std::vector<std::string> texts;
    for (const ExpressionPtr& argument : call.arguments) {
      CARE_ASSIGN_OR_RETURN(std::string sql, Translate(argument, scope));
      texts.push_back(std::move(sql));
    }
    return texts;
  };
  const auto compared = [&](const char* op) -> absl::StatusOr<std::string> {
    CARE_ASSIGN_OR_RETURN(std::vector<std::string> sides, Aligned(call.arguments, scope));
    return Infix(std::move(sides), op);
  };
  const auto tested = [&](const char* test) -> absl::StatusOr<std::string> {
    CARE_ASSIGN_OR_RETURN(std::vector<std::string> sides, all());
    return absl::StrCat("(", sides[0], test, ")");
  };
  const auto computed = [&](const char* op) -> absl::StatusOr<std::string> {
    const std::optional<IntegerRange> range = ranges_.RangeOf(whole);
    const std::optional<IntegerRange> limit = TypeRange(type);
    if (!range || !limit || !Within(*range, *limit)) return NotProven("arithmetic that could overflow");
    std::vector<std::string> sides;
    const bool product = call.function == Function::kMultiply;
    int scale = 0;
    for (const ExpressionPtr& argument : call.arguments) {
      scale = product ? scale + ScaleOf(argument->type) : std::max(scale, ScaleOf(argument->type));
    }
    if (scale != ScaleOf(type)) return NotProven("arithmetic at another scale");
    for (const ExpressionPtr& argument : call.arguments) {
      CARE_ASSIGN_OR_RETURN(std::string sql,
                            AtScale(argument, product ? ScaleOf(argument->type) : scale, scope));
      sides.push_back(std::move(sql));
    }
    return Infix(std::move(sides), op);
  };
  switch (call.function) {
    case Function::kAnd:
    case Function::kOr: {
      CARE_ASSIGN_OR_RETURN(std::vector<std::string> sides, all());
      return Infix(std::move(sides), call.function == Function::kAnd ? " AND " : " OR ");
    }
    case Function::kNot: {
      CARE_ASSIGN_OR_RETURN(std::vector<std::string> sides, all());
      return absl::StrCat("(NOT ", sides[0], ")");
    }
    case Function::kEqual:
      return compared(" = ");
    case Function::kNotEqual:
      return compared(" <> ");
    case Function::kLess:
      return compared(" < ");
    case Function::kLessOrEqual:
      return compared(" <= ");
    case Function::kGreater:
      return compared(" > ");
    case Function::kGreaterOrEqual:
      return compared(" >= ");
    case Function::kIsDistinct:
      return compared(" IS NOT ");
    case Function::kIsNotDistinct:
      return compared(" IS ");
    case Function::kIsNull:
    case Function::kIsUnknown:
      return tested(" IS NULL");
    case Function::kIsNotNull:
      return tested(" IS NOT NULL");
    case Function::kIsTrue:
      return tested(" IS TRUE");
    case Function::kIsFalse:
      return tested(" IS FALSE");
    case Function::kAdd:
      return computed(" + ");
    case Function::kSubtract:
      return computed(" - ");
    case Function::kMultiply:
      return computed(" * ");
    case Function::kNegate: {
      CARE_ASSIGN_OR_RETURN(const std::string operand, computed(""));
      return absl::StrCat("(- ", operand, ")");
    }
    case Function::kAbs: {
      CARE_ASSIGN_OR_RETURN(const std::string operand, computed(""));
      return absl::StrCat("abs", operand);
    }
    case Function::kNullIf: {
      // The result keeps the first argument's scale.
      if (type.IsExactNumber() && ScaleOf(type) != ScaleOf(call.arguments[0]->type)) {
        return NotProven("NULLIF at another scale");
      }
      CARE_ASSIGN_OR_RETURN(std::vector<std::string> sides, Aligned(call.arguments, scope));
      CARE_ASSIGN_OR_RETURN(std::vector<std::string> plain, all());
      return absl::StrCat("(CASE WHEN ", sides[0], " = ", sides[1], " THEN NULL ELSE ", plain[0], " END)");
    }
    case Function::kCoalesce: {
      std::vector<std::string> sides;
      for (const ExpressionPtr& argument : call.arguments) {
        if (!Comparable(argument->type) && !IsNullLiteral(argument)) return NotProven("a type");
        CARE_ASSIGN_OR_RETURN(std::string sql, AtScale(argument, ScaleOf(type), scope));
        sides.push_back(std::move(sql));
      }
      if (sides.size() == 1) return sides[0];
      return absl::StrCat("coalesce(", absl::StrJoin(sides, ", "), ")");
    }
    case Function::kDivide:
    case Function::kModulo:
    case Function::kDateAddDays:
    case Function::kDateAddInterval:
    case Function::kDateDifference:
    case Function::kExtractYear:
    case Function::kExtractMonth:
    case Function::kExtractDay:
    case Function::kExtractQuarter:
    case Function::kExtractDow:
    case Function::kDateTrunc:
    case Function::kExtractHour:
    case Function::kExtractMinute:
    case Function::kExtractSecond:
    case Function::kExtractEpoch:
    case Function::kTimestampTrunc:
    case Function::kTimestampAddInterval:
    case Function::kGreatest:
    case Function::kLeast:
    case Function::kRound:
    case Function::kFloor:
    case Function::kCeil:
    case Function::kLower:
    case Function::kUpper:
    case Function::kLength:
    case Function::kSubstring:
    case Function::kTrim:
    case Function::kConcat:
    case Function::kReplace:
    case Function::kLeft:
    case Function::kRight:
    case Function::kPosition:
    case Function::kPadLeft:
    case Function::kPadRight:
    case Function::kInitCap:
    case Function::kReverse:
    case Function::kRepeat:
    case Function::kSplitPart:
    case Function::kLike:
    case Function::kILike:
    case Function::kSimilar:
    case Function::kRegex:
    case Function::kRegexIgnoringCase:
    case Function::kAverageOf:
    case Function::kVariancePopulation:
    case Function::kVarianceSample:
    case Function::kDeviationPopulation:
    case Function::kDeviationSample:
    case Function::kCovariancePopulation:
    case Function::kCovarianceSample:
    case Function::kCorrelation:
    case Function::kRegressionSlope:
    case Function::kRegressionIntercept:
    case Function::kRegressionR2:
      return NotProven("a function that SQLite computes otherwise");
    case Function::kSquareRoot:
    case Function::kPower:
    case Function::kExponential:
    case Function::kNaturalLogarithm:
    case Function::kLogarithm:
      return NotProven("a function of double precision");
  }
  return NotProven("an unknown function");
}

absl::StatusOr<std::string> SqliteExpressions::Translate(const ExpressionPtr& expression,
                                                         const Scope& scope) const {
  using Result = absl::StatusOr<std::string>;
  return std::visit(
      Overloaded{
          [&](const LiteralExpression& literal) -> Result { return SqliteLiteral(literal.value, expression->type); },
          [&](const ColumnExpression& column) -> Result {
            const auto found = scope.find(column.column);
            if (found == scope.end()) return absl::InternalError("a column that is not in scope");
            if (found->second.native_decimal) return NotProven("decimal text");
            // One timestamp has many texts; only the node reads them.
            if (expression->type.IsTimestamp()) return NotProven("a timestamp's text");
            return found->second.sql;
          },
          [&](const CallExpression& call) -> Result {
            return TranslateCall(call, expression->type, expression, scope);
          },
          [&](const CaseExpression& cases) -> Result {
            const int scale = ScaleOf(expression->type);
            std::string sql = "(CASE";
            for (const CaseExpression::Branch& branch : cases.branches) {
              CARE_ASSIGN_OR_RETURN(const std::string condition, Translate(branch.condition, scope));
              CARE_ASSIGN_OR_RETURN(const std::string result, AtScale(branch.result, scale, scope));
              absl::StrAppend(&sql, " WHEN ", condition, " THEN ", result);
            }
            CARE_ASSIGN_OR_RETURN(const std::string otherwise, AtScale(cases.otherwise, scale, scope));
            return absl::StrCat(sql, " ELSE ", otherwise, " END)");
          },
          [&](const CastExpression& cast) -> Result {
            const DataType& from = cast.operand->type;
            const DataType& to = expression->type;
            if (from.kind == to.kind && from.kind == TypeKind::kText && to.max_length == 0) {
              return Translate(cast.operand, scope);
            }
            const std::optional<IntegerRange> range = ranges_.RangeOf(expression);
            const std::optional<IntegerRange> limit = TypeRange(to);
            if (!range || !limit || !Within(*range, *limit) || ScaleOf(to) < ScaleOf(from)) {
              return NotProven("a cast");
            }
            return AtScale(cast.operand, ScaleOf(to), scope);
          },
          [&](const planner::SubqueryExpression&) -> Result { return NotProven("a subquery"); },
          [&](const InListExpression& list) -> Result {
            const DataType& type = list.operand->type;
            if (!Comparable(type)) return NotProven("a type");
            CARE_ASSIGN_OR_RETURN(const std::string operand, Translate(list.operand, scope));
            std::vector<std::string> values;
            for (const Value& value : list.values) {
              CARE_ASSIGN_OR_RETURN(std::string literal, SqliteLiteral(value, type));
              values.push_back(std::move(literal));
            }
            return absl::StrCat("(", operand, " IN (", absl::StrJoin(values, ", "), "))");
          },
      },
      expression->node);
}

}  // namespace care::connectors
