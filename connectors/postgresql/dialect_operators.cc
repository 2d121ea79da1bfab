// PostgresqlDialect: operators and the functions of any type: logic, comparisons, arithmetic, rounding, choices.
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "connectors/postgresql/dialect.h"
#include "connectors/postgresql/dialect_terms.h"
#include "engine/types/status_macros.h"

namespace care::connectors {
namespace {

using planner::CallExpression;
using planner::ExpressionPtr;
using planner::Function;

std::string Joined(const std::vector<std::string>& operands, const char* op) {
  return absl::StrCat("(", absl::StrJoin(operands, op), ")");
}

}  // namespace

absl::StatusOr<std::string> PostgresqlDialect::Comparison(const CallExpression& call, const char* op,
                                                          const Scope& scope) const {
  const ExpressionPtr& left = call.arguments[0];
  const ExpressionPtr& right = call.arguments[1];
  const bool alike = (left->type.IsExactNumber() && right->type.IsExactNumber()) || left->type.kind == right->type.kind;
  if (!alike || !IsPlannedType(left->type)) return NotProven("a comparison of unlike types");
  const bool equality = call.function == Function::kEqual || call.function == Function::kNotEqual;
  const bool with_literal = (IsColumn(left) && IsLiteral(right)) || (IsColumn(right) && IsLiteral(left));
  if (equality && with_literal) {
    CARE_ASSIGN_OR_RETURN(const std::string a, Expression(left, scope));
    CARE_ASSIGN_OR_RETURN(const std::string b, Expression(right, scope));
    return Joined({a, b}, op);
  }
  CARE_ASSIGN_OR_RETURN(const std::vector<std::string> operands, Operands(call, scope));
  return Joined(operands, op);
}

absl::StatusOr<std::string> PostgresqlDialect::Arithmetic(const CallExpression& call, const ExpressionPtr& whole,
                                                          const Scope& scope) const {
  const DataType& type = whole->type;
  for (const ExpressionPtr& argument : call.arguments) {
    if (!argument->type.IsExactNumber()) return NotProven("arithmetic of another type");
  }
  if (!type.IsExactNumber()) return NotProven("arithmetic of another type");
  const bool divides = call.function == Function::kDivide || call.function == Function::kModulo;
  if (divides) {
    const auto* divisor = LiteralOf<std::int64_t>(call.arguments[1]);
    if (!type.IsInteger() || divisor == nullptr || *divisor == 0 || *divisor == -1) return NotProven("a division");
  } else if (type.IsInteger()) {
    const std::optional<IntegerRange> range = ranges_.RangeOf(whole);
    const std::optional<IntegerRange> limit = TypeRange(type);
    if (!range || !limit || !Within(*range, *limit)) return NotProven("arithmetic that could overflow");
  }
  CARE_ASSIGN_OR_RETURN(const std::vector<std::string> operands, Operands(call, scope));
  switch (call.function) {
    case Function::kAdd:
      return Joined(operands, " + ");
    case Function::kSubtract:
      return Joined(operands, " - ");
    case Function::kMultiply:
      return Joined(operands, " * ");
    case Function::kDivide:
      return Joined(operands, " / ");
    case Function::kModulo:
      return Joined(operands, " % ");
    case Function::kNegate:
      return absl::StrCat("(- ", operands[0], ")");
    default:
      return absl::StrCat("abs(", operands[0], ")");
  }
}

absl::StatusOr<std::string> PostgresqlDialect::Call(const CallExpression& call, const ExpressionPtr& whole,
                                                    const Scope& scope) const {
  const DataType& type = whole->type;
  const auto tested = [&](const char* test) -> absl::StatusOr<std::string> {
    CARE_ASSIGN_OR_RETURN(const std::string operand, Expression(call.arguments[0], scope));
    return absl::StrCat("(", operand, test, ")");
  };
  const auto chosen = [&](const char* function) -> absl::StatusOr<std::string> {
    if (!IsPlannedType(type)) return NotProven("a type");
    CARE_ASSIGN_OR_RETURN(const std::vector<std::string> operands, Operands(call, scope));
    return absl::StrCat(function, "(", absl::StrJoin(operands, ", "), ")");
  };
  switch (call.function) {
    case Function::kAnd:
    case Function::kOr: {
      CARE_ASSIGN_OR_RETURN(const std::vector<std::string> sides, Operands(call, scope));
      return Joined(sides, call.function == Function::kAnd ? " AND " : " OR ");
    }
    case Function::kNot: {
      CARE_ASSIGN_OR_RETURN(const std::string operand, Expression(call.arguments[0], scope));
      return absl::StrCat("(NOT ", operand, ")");
    }
    case Function::kEqual:
      return Comparison(call, " = ", scope);
    case Function::kNotEqual:
      return Comparison(call, " <> ", scope);
    case Function::kLess:
      return Comparison(call, " < ", scope);
    case Function::kLessOrEqual:
      return Comparison(call, " <= ", scope);
    case Function::kGreater:
      return Comparison(call, " > ", scope);
    case Function::kGreaterOrEqual:
      return Comparison(call, " >= ", scope);
    case Function::kIsDistinct:
      return Comparison(call, " IS DISTINCT FROM ", scope);
    case Function::kIsNotDistinct:
      return Comparison(call, " IS NOT DISTINCT FROM ", scope);
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
    case Function::kSubtract:
    case Function::kMultiply:
    case Function::kDivide:
    case Function::kModulo:
    case Function::kNegate:
    case Function::kAbs:
      return Arithmetic(call, whole, scope);
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
      return OfDates(call, whole, scope);
    case Function::kCoalesce:
      return chosen("coalesce");
    case Function::kNullIf:
      return chosen("nullif");
    case Function::kGreatest:
      return chosen("greatest");
    case Function::kLeast:
      return chosen("least");
    case Function::kRound:
    case Function::kFloor:
    case Function::kCeil: {
      // Of an integer they would be of floating point.
      const ExpressionPtr& number = call.arguments[0];
      if (number->type.kind != TypeKind::kNumeric || type.kind != TypeKind::kNumeric) return NotProven("a rounding");
      CARE_ASSIGN_OR_RETURN(const std::string operand, Expression(number, scope));
      if (call.function != Function::kRound) {
        return absl::StrCat(call.function == Function::kFloor ? "floor(" : "ceil(", operand, ")");
      }
      std::int64_t digits = 0;
      if (call.arguments.size() > 1) {
        const auto* given = LiteralOf<std::int64_t>(call.arguments[1]);
        if (given == nullptr || *given < 0 || *given > 18) return NotProven("a rounding");
        digits = *given;
      }
      return absl::StrCat("round(", operand, ", ", digits, ")");
    }
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
      return OfTexts(call, whole, scope);
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
      return NotProven("a finished statistic");
    case Function::kSquareRoot:
    case Function::kPower:
    case Function::kExponential:
    case Function::kNaturalLogarithm:
    case Function::kLogarithm:
      return NotProven("a function of double precision");
  }
  return NotProven("an unknown function");
}

}  // namespace care::connectors
