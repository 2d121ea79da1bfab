#include "engine/exec/local/scalar.h"

#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "engine/exec/local/float_functions.h"
#include "engine/exec/local/number_functions.h"
#include "engine/exec/local/pattern.h"
#include "engine/exec/local/statistics.h"
#include "engine/exec/local/text_functions.h"
#include "engine/types/check.h"
#include "engine/types/date.h"
#include "engine/types/timestamp.h"
#include "engine/types/status_macros.h"

namespace care::engine {
namespace {

using planner::CallExpression;
using planner::ExpressionPtr;
using planner::Function;

constexpr std::int32_t kMinDay = -719162;  // 0001-01-01
constexpr std::int32_t kMaxDay = 2932896;  // 9999-12-31

template <class... Handlers>
struct Overloaded : Handlers... {
  using Handlers::operator()...;
};
template <class... Handlers>
Overloaded(Handlers...) -> Overloaded<Handlers...>;

std::optional<bool> Truth(const Value& value) {
  if (IsNull(value)) return std::nullopt;
  const bool* boolean = std::get_if<bool>(&value);
  CARE_CHECK(boolean != nullptr);
  return *boolean;
}

std::int32_t Days(const Value& value) {
  const Date* date = std::get_if<Date>(&value);
  CARE_CHECK(date != nullptr);
  return date->days;
}

const Timestamp& Moment(const Value& value) {
  const Timestamp* timestamp = std::get_if<Timestamp>(&value);
  CARE_CHECK(timestamp != nullptr);
  return *timestamp;
}

const std::string& Text(const Value& value) {
  const std::string* text = std::get_if<std::string>(&value);
  CARE_CHECK(text != nullptr);
  return *text;
}

std::int64_t Integer(const Value& value) {
  if (const auto* integer = std::get_if<std::int64_t>(&value)) return *integer;
  const Decimal decimal = AsDecimal(value);
  CARE_CHECK(decimal.scale == 0);
  return static_cast<std::int64_t>(decimal.unscaled);
}

absl::StatusOr<Value> CheckedDate(std::int64_t days) {
  if (days < kMinDay || days > kMaxDay) return absl::OutOfRangeError("date out of range");
  return Date{static_cast<std::int32_t>(days)};
}

Value Number(std::int64_t value, const DataType& type) {
  if (type.kind == TypeKind::kNumeric) return Decimal{value, 0};
  return value;
}

bool Compares(Function function, int order) {
  switch (function) {
    case Function::kEqual:
      return order == 0;
    case Function::kNotEqual:
      return order != 0;
    case Function::kLess:
      return order < 0;
    case Function::kLessOrEqual:
      return order <= 0;
    case Function::kGreater:
      return order > 0;
    default:
      return order >= 0;
  }
}

absl::StatusOr<Value> Truncated(std::string_view unit, std::int32_t days) {
  const std::optional<std::int32_t> start = StartOfPeriod(unit, days);
  if (!start) return absl::UnimplementedError(absl::StrCat("DATE_TRUNC of unit '", std::string(unit), "' is not supported yet"));
  return CheckedDate(*start);
}

// AND, OR, COALESCE, GREATEST and LEAST take NULLs and any number of operands; they look at no more than
// they need.
absl::StatusOr<std::optional<Value>> EvaluateVariadic(const CallExpression& call, const ColumnLookup& lookup) {
  switch (call.function) {
    case Function::kAnd:
    case Function::kOr: {
      const bool decisive = call.function == Function::kOr;
      bool unknown = false;
      for (const ExpressionPtr& argument : call.arguments) {
        CARE_ASSIGN_OR_RETURN(const Value value, EvaluateScalar(argument, lookup));
        const std::optional<bool> truth = Truth(value);
        if (truth == decisive) return Value(decisive);
        unknown |= !truth.has_value();
      }
      return unknown ? Value(Null{}) : Value(!decisive);
    }
    case Function::kCoalesce: {
      for (const ExpressionPtr& argument : call.arguments) {
        CARE_ASSIGN_OR_RETURN(Value value, EvaluateScalar(argument, lookup));
        if (!IsNull(value)) return value;
      }
      return Value(Null{});
    }
    case Function::kGreatest:
    case Function::kLeast: {
      Value best = Null{};
      for (const ExpressionPtr& argument : call.arguments) {
        CARE_ASSIGN_OR_RETURN(Value value, EvaluateScalar(argument, lookup));
        if (IsNull(value)) continue;
        const int order = IsNull(best) ? 0 : CompareValues(value, best);
        if (IsNull(best) || (call.function == Function::kGreatest ? order > 0 : order < 0)) best = std::move(value);
      }
      return best;
    }
    default:
      return std::nullopt;
  }
}

// Those that answer for NULL operands.
std::optional<Value> EvaluateOfNulls(Function function, const std::vector<Value>& arguments) {
  switch (function) {
    case Function::kIsNull:
    case Function::kIsUnknown:
      return IsNull(arguments[0]);
    case Function::kIsNotNull:
      return !IsNull(arguments[0]);
    case Function::kIsTrue:
      return Truth(arguments[0]) == true;
    case Function::kIsFalse:
      return Truth(arguments[0]) == false;
    case Function::kIsDistinct:
    case Function::kIsNotDistinct: {
      const bool left_null = IsNull(arguments[0]);
      const bool right_null = IsNull(arguments[1]);
      const bool same = left_null || right_null ? left_null && right_null
                                                : CompareValues(arguments[0], arguments[1]) == 0;
      return same == (function == Function::kIsNotDistinct);
    }
    case Function::kNullIf:
      if (IsNull(arguments[0]) || IsNull(arguments[1])) return arguments[0];
      return CompareValues(arguments[0], arguments[1]) == 0 ? Value(Null{}) : arguments[0];
    default:
      return std::nullopt;
  }
}

// Of operands that are not NULL.
absl::StatusOr<Value> EvaluateStrict(Function function, const std::vector<Value>& arguments, const DataType& type) {
  switch (function) {
    case Function::kNot:
      return !*Truth(arguments[0]);
    case Function::kEqual:
    case Function::kNotEqual:
    case Function::kLess:
    case Function::kLessOrEqual:
    case Function::kGreater:
    case Function::kGreaterOrEqual:
      return Compares(function, CompareValues(arguments[0], arguments[1]));
    case Function::kAdd:
    case Function::kSubtract:
    case Function::kMultiply:
    case Function::kDivide:
    case Function::kModulo:
      return Arithmetic(function, arguments[0], arguments[1], type);
    case Function::kNegate:
      return Negate(arguments[0], type);
    case Function::kDateAddDays:
      return CheckedDate(Days(arguments[0]) + Integer(arguments[1]));
    case Function::kDateAddInterval: {
      const auto* interval = std::get_if<Interval>(&arguments[1]);
      CARE_CHECK(interval != nullptr);
      CARE_ASSIGN_OR_RETURN(const std::int32_t moved, AddMonths(Days(arguments[0]), interval->months));
      return CheckedDate(std::int64_t{moved} + interval->days);
    }
    case Function::kDateDifference:
      return Number(std::int64_t{Days(arguments[0])} - Days(arguments[1]), type);
    case Function::kExtractYear:
      return Number(CivilFromDays(Days(arguments[0])).year, type);
    case Function::kExtractMonth:
      return Number(CivilFromDays(Days(arguments[0])).month, type);
    case Function::kExtractDay:
      return Number(CivilFromDays(Days(arguments[0])).day, type);
    case Function::kExtractQuarter:
      return Number((CivilFromDays(Days(arguments[0])).month + 2) / 3, type);
    case Function::kExtractDow:
      return Number(((Days(arguments[0]) + 4) % 7 + 7) % 7, type);
    case Function::kExtractHour:
      return Number(TimeOfDay(Moment(arguments[0]).microseconds) / kMicrosecondsOfSecond / 3600, type);
    case Function::kExtractMinute:
      return Number(TimeOfDay(Moment(arguments[0]).microseconds) / kMicrosecondsOfSecond / 60 % 60, type);
    case Function::kExtractSecond:
      return Decimal{TimeOfDay(Moment(arguments[0]).microseconds) % (60 * kMicrosecondsOfSecond), 6};
    case Function::kExtractEpoch:
      return Decimal{Moment(arguments[0]).microseconds, 6};
    case Function::kTimestampTrunc: {
      const Timestamp& timestamp = Moment(arguments[1]);
      CARE_ASSIGN_OR_RETURN(const std::int64_t begin, TruncateTime(LowerAscii(Text(arguments[0])), timestamp.microseconds));
      return Timestamp{begin, timestamp.with_time_zone};
    }
    case Function::kTimestampAddInterval: {
      const auto* interval = std::get_if<Interval>(&arguments[1]);
      CARE_CHECK(interval != nullptr);
      CARE_ASSIGN_OR_RETURN(const std::int64_t moved, AddInterval(Moment(arguments[0]).microseconds, *interval));
      return Timestamp{moved, type.kind == TypeKind::kTimestampTz};
    }
    case Function::kDateTrunc:
      return Truncated(LowerAscii(Text(arguments[0])), Days(arguments[1]));
    case Function::kAbs:
      return Absolute(arguments[0], type);
    case Function::kRound:
      return Round(arguments[0], arguments.size() > 1 ? Integer(arguments[1]) : 0, type);
    case Function::kFloor:
    case Function::kCeil:
      return FloorOrCeil(arguments[0], function == Function::kFloor, type);
    case Function::kLower:
      return LowerAscii(Text(arguments[0]));
    case Function::kUpper:
      return UpperAscii(Text(arguments[0]));
    case Function::kLength:
      return CharacterLength(Text(arguments[0]));
    case Function::kSubstring: {
      const std::int64_t length = arguments.size() > 2 ? Integer(arguments[2]) : 0;
      CARE_ASSIGN_OR_RETURN(std::string part, Substring(Text(arguments[0]), Integer(arguments[1]),
                                                        arguments.size() > 2 ? &length : nullptr));
      return part;
    }
    case Function::kTrim: {
      // (text [, characters [, side]]), the side as SQL writes it.
      const std::string side = arguments.size() > 2 ? LowerAscii(Text(arguments[2])) : "both";
      return Trim(Text(arguments[0]), arguments.size() > 1 ? std::string_view(Text(arguments[1])) : " ",
                  side == "leading"    ? TrimSide::kLeading
                  : side == "trailing" ? TrimSide::kTrailing
                                       : TrimSide::kBoth);
    }
    case Function::kConcat: {
      std::string joined;
      for (const Value& argument : arguments) joined += Text(argument);
      return joined;
    }
    case Function::kReplace:
      return Replace(Text(arguments[0]), Text(arguments[1]), Text(arguments[2]));
    case Function::kLeft:
      return Left(Text(arguments[0]), Integer(arguments[1]));
    case Function::kRight:
      return Right(Text(arguments[0]), Integer(arguments[1]));
    case Function::kPosition:
      return PositionOf(Text(arguments[0]), Text(arguments[1]));
    case Function::kPadLeft:
    case Function::kPadRight:
      return Pad(Text(arguments[0]), Integer(arguments[1]), Text(arguments[2]), function == Function::kPadLeft);
    case Function::kInitCap:
      return InitCapAscii(Text(arguments[0]));
    case Function::kReverse:
      return Reverse(Text(arguments[0]));
    case Function::kRepeat:
      return Repeat(Text(arguments[0]), Integer(arguments[1]));
    case Function::kSplitPart:
      return SplitPart(Text(arguments[0]), Text(arguments[1]), Integer(arguments[2]));
    case Function::kLike:
    case Function::kILike: {
      const bool fold = function == Function::kILike;
      CARE_ASSIGN_OR_RETURN(const bool matches,
                            Like(fold ? LowerAscii(Text(arguments[0])) : Text(arguments[0]),
                                 fold ? LowerAscii(Text(arguments[1])) : Text(arguments[1]),
                                 arguments.size() > 2 ? std::string_view(Text(arguments[2])) : "\\"));
      return matches;
    }
    case Function::kSimilar:
    case Function::kRegex:
    case Function::kRegexIgnoringCase: {
      CARE_ASSIGN_OR_RETURN(const Pattern pattern, Pattern::Compile(function, Text(arguments[1])));
      return pattern.Matches(Text(arguments[0]));
    }
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
      return FinishStatistic(function, arguments);
    case Function::kSquareRoot:
    case Function::kPower:
    case Function::kExponential:
    case Function::kNaturalLogarithm:
    case Function::kLogarithm:
      return MathFunction(function, arguments);
    case Function::kAnd:
    case Function::kOr:
    case Function::kIsNull:
    case Function::kIsNotNull:
    case Function::kIsDistinct:
    case Function::kIsNotDistinct:
    case Function::kIsTrue:
    case Function::kIsFalse:
    case Function::kIsUnknown:
    case Function::kCoalesce:
    case Function::kNullIf:
    case Function::kGreatest:
    case Function::kLeast:
      break;  // answered before
  }
  CARE_CHECK(false);
}

absl::StatusOr<Value> EvaluateCall(const CallExpression& call, const DataType& type, const ColumnLookup& lookup) {
  CARE_ASSIGN_OR_RETURN(std::optional<Value> variadic, EvaluateVariadic(call, lookup));
  if (variadic) {
    // A numeric choice among integers is a numeric (COALESCE(amount, 0)).
    if (type.kind == TypeKind::kNumeric && std::holds_alternative<std::int64_t>(*variadic)) {
      return AsDecimal(*variadic);
    }
    return *std::move(variadic);
  }
  std::vector<Value> arguments;
  bool any_null = false;
  for (const ExpressionPtr& argument : call.arguments) {
    CARE_ASSIGN_OR_RETURN(Value value, EvaluateScalar(argument, lookup));
    any_null |= IsNull(value);
    arguments.push_back(std::move(value));
  }
  if (std::optional<Value> answer = EvaluateOfNulls(call.function, arguments)) return *std::move(answer);
  if (any_null) return Null{};
  return EvaluateStrict(call.function, arguments, type);
}

}  // namespace

int CompareValues(const Value& a, const Value& b) {
  const auto sign = [](auto x, auto y) { return x < y ? -1 : (y < x ? 1 : 0); };
  if (const auto* x = std::get_if<std::int64_t>(&a)) {
    if (const auto* y = std::get_if<std::int64_t>(&b)) return sign(*x, *y);
  }
  if (const auto* x = std::get_if<std::string>(&a)) return std::clamp(x->compare(Text(b)), -1, 1);
  if (IsFloat(a) || IsFloat(b)) return sign(AsDouble(a), AsDouble(b));
  if (std::holds_alternative<Date>(a)) return sign(Days(a), Days(b));
  if (std::holds_alternative<Timestamp>(a)) return sign(Moment(a).microseconds, Moment(b).microseconds);
  if (const auto* x = std::get_if<bool>(&a)) return sign(*x, *Truth(b));
  return CompareDecimals(AsDecimal(a), AsDecimal(b));
}

absl::StatusOr<Value> EvaluateScalar(const ExpressionPtr& expression, const ColumnLookup& lookup) {
  using Result = absl::StatusOr<Value>;
  return std::visit(
      Overloaded{
          [&](const planner::LiteralExpression& literal) -> Result { return literal.value; },
          [&](const planner::ColumnExpression& column) -> Result { return lookup(column.column); },
          [&](const CallExpression& call) -> Result { return EvaluateCall(call, expression->type, lookup); },
          [&](const planner::CaseExpression& cases) -> Result {
            for (const planner::CaseExpression::Branch& branch : cases.branches) {
              CARE_ASSIGN_OR_RETURN(const Value condition, EvaluateScalar(branch.condition, lookup));
              if (Truth(condition) == true) return EvaluateScalar(branch.result, lookup);
            }
            return EvaluateScalar(cases.otherwise, lookup);
          },
          [&](const planner::CastExpression& cast) -> Result {
            CARE_ASSIGN_OR_RETURN(const Value value, EvaluateScalar(cast.operand, lookup));
            if (IsNull(value)) return Null{};
            return CastValue(value, expression->type);
          },
          [&](const planner::SubqueryExpression&) -> Result {
            return absl::InternalError("a subquery is left in a plan");
          },
          [&](const planner::InListExpression& list) -> Result {
            CARE_ASSIGN_OR_RETURN(const Value operand, EvaluateScalar(list.operand, lookup));
            if (IsNull(operand)) return Null{};
            bool unknown = false;
            for (const Value& value : list.values) {
              if (IsNull(value)) {
                unknown = true;
              } else if (CompareValues(operand, value) == 0) {
                return true;
              }
            }
            return unknown ? Value(Null{}) : Value(false);
          },
      },
      expression->node);
}

}  // namespace care::engine
