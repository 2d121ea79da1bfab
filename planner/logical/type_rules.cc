#include "planner/logical/type_rules.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "engine/types/date_text.h"
#include "engine/types/numeric_text.h"
#include "engine/types/status_macros.h"
#include "engine/types/timestamp.h"

namespace care::planner {
namespace {

constexpr int kLargestScale = 38;

DataType NumericOfScale(int scale) {
  return {TypeKind::kNumeric, 0, static_cast<std::uint8_t>(std::min(scale, kLargestScale))};
}

int ScaleOf(const DataType& type) { return type.kind == TypeKind::kNumeric ? type.scale : 0; }

bool FitsKind(std::int64_t value, TypeKind kind) {
  switch (kind) {
    case TypeKind::kSmallInt:
      return value >= INT16_MIN && value <= INT16_MAX;
    case TypeKind::kInteger:
      return value >= INT32_MIN && value <= INT32_MAX;
    default:
      return true;
  }
}

absl::Status InvalidSyntax(const DataType& type, const std::string& text) {
  return absl::InvalidArgumentError(
      absl::StrCat("invalid input syntax for type ", type.ToString(), ": \"", text, "\""));
}

absl::Status OutOfRangeFor(const DataType& type) {
  return absl::InvalidArgumentError(absl::StrCat(type.ToString(), " out of range"));
}

std::string Trimmed(const std::string& text) {
  std::string trimmed = text;
  while (!trimmed.empty() && absl::ascii_isspace(static_cast<unsigned char>(trimmed.back())))
    trimmed.pop_back();
  const auto first = std::find_if(trimmed.begin(), trimmed.end(),
                                  [](char c) { return !absl::ascii_isspace(static_cast<unsigned char>(c)); });
  return std::string(first, trimmed.end());
}

absl::StatusOr<Value> ReadBoolean(const std::string& text) {
  std::string word = Trimmed(text);
  absl::AsciiStrToLower(&word);
  const auto abbreviates = [&](std::string_view whole, std::size_t least) {
    return word.size() >= least && whole.substr(0, word.size()) == word;
  };
  if (abbreviates("true", 1) || abbreviates("yes", 1) || word == "on" || word == "1") return Value(true);
  if (abbreviates("false", 1) || abbreviates("no", 1) || abbreviates("off", 2) || word == "0") return Value(false);
  return InvalidSyntax(kBooleanType, text);
}

absl::StatusOr<Value> FitDecimal(const Decimal& value, const DataType& to) {
  if (to.precision == 0) return Value(value);
  CARE_ASSIGN_OR_RETURN(const Decimal rescaled, RescaleDecimal(value, to.scale));
  Int128 limit = 1;
  for (int i = 0; i < to.precision; ++i) limit *= 10;
  if (rescaled.unscaled >= limit || rescaled.unscaled <= -limit) {
    return absl::InvalidArgumentError(
        absl::StrCat("numeric field overflow: the value does not fit ", to.ToString()));
  }
  return Value(rescaled);
}

absl::StatusOr<Value> ReadText(const std::string& text, const DataType& to) {
  switch (to.kind) {
    case TypeKind::kBoolean:
      return ReadBoolean(text);
    case TypeKind::kDate: {
      absl::StatusOr<std::int32_t> days = ReadDateText(text);
      if (!days.ok()) return InvalidSyntax(to, text);
      return Value(Date{*days});
    }
    case TypeKind::kTimestamp:
    case TypeKind::kTimestampTz: {
      const bool zoned = to.kind == TypeKind::kTimestampTz;
      const absl::StatusOr<std::int64_t> read = ReadTimestampText(text, zoned);
      if (absl::IsOutOfRange(read.status())) return OutOfRangeFor(to);
      if (!read.ok()) return InvalidSyntax(to, text);
      return Value(Timestamp{*read, zoned});
    }
    case TypeKind::kSmallInt:
    case TypeKind::kInteger:
    case TypeKind::kBigInt: {
      absl::StatusOr<Decimal> number = ParseDecimal(Trimmed(text));
      if (absl::IsOutOfRange(number.status())) return OutOfRangeFor(to);
      if (!number.ok() || text.find('.') != std::string::npos) return InvalidSyntax(to, text);
      if (number->unscaled > INT64_MAX || number->unscaled < INT64_MIN ||
          !FitsKind(static_cast<std::int64_t>(number->unscaled), to.kind)) {
        return OutOfRangeFor(to);
      }
      return Value(static_cast<std::int64_t>(number->unscaled));
    }
    case TypeKind::kNumeric: {
      absl::StatusOr<Decimal> number = ReadNumericText(text);
      if (absl::IsUnimplemented(number.status()))
        return absl::InvalidArgumentError(absl::StrCat(std::string(number.status().message()), " is not supported yet"));
      if (absl::IsOutOfRange(number.status())) return absl::InvalidArgumentError(number.status().message());
      if (!number.ok()) return InvalidSyntax(to, text);
      return FitDecimal(*number, to);
    }
    case TypeKind::kUnknown:
    case TypeKind::kText:
      return Value(text);
    case TypeKind::kDouble:
    case TypeKind::kReal: {
      // The constant as it is written, to be cast where it is computed with: no floating point enters a plan.
      absl::StatusOr<Decimal> number = ReadNumericText(text);
      if (absl::IsInvalidArgument(number.status())) return InvalidSyntax(to, text);
      if (absl::IsOutOfRange(number.status())) return absl::InvalidArgumentError(number.status().message());
      if (!number.ok()) return absl::InvalidArgumentError(absl::StrCat(std::string(number.status().message()), " is not supported yet"));
      return Value(*number);
    }
    case TypeKind::kInterval:
      break;
  }
  return InvalidSyntax(to, text);
}

bool IsNumber(const DataType& type) { return type.IsExactNumber() || type.IsFloat(); }

// A date begins at its midnight; with and without time zone are the same in UTC.
std::optional<Timestamp> AsTimestamp(const Value& value, const DataType& to) {
  const bool zoned = to.kind == TypeKind::kTimestampTz;
  if (const auto* date = std::get_if<Date>(&value)) return Timestamp{date->days * kMicrosecondsOfDay, zoned};
  if (const auto* timestamp = std::get_if<Timestamp>(&value)) return Timestamp{timestamp->microseconds, zoned};
  return std::nullopt;
}

// The type of a literal once it has a numeric value: its own digits decide the scale.
DataType LiteralType(const Value& value, const DataType& wanted) {
  if (wanted.kind == TypeKind::kNumeric && wanted.precision == 0) {
    if (const auto* decimal = std::get_if<Decimal>(&value)) return NumericOfScale(decimal->scale);
  }
  return wanted;
}

}  // namespace

bool IsMoment(const DataType& type) { return type.kind == TypeKind::kDate || type.IsTimestamp(); }

DataType TypeOfLiteral(const Value& value) {
  if (std::holds_alternative<bool>(value)) return kBooleanType;
  if (const auto* integer = std::get_if<std::int64_t>(&value)) {
    return FitsKind(*integer, TypeKind::kInteger) ? kIntegerType : kBigIntType;
  }
  if (const auto* decimal = std::get_if<Decimal>(&value)) return NumericOfScale(decimal->scale);
  if (std::holds_alternative<Date>(value)) return kDateType;
  if (const auto* timestamp = std::get_if<Timestamp>(&value)) return timestamp->with_time_zone ? kTimestampTzType : kTimestampType;
  if (std::holds_alternative<Interval>(value)) return {TypeKind::kInterval};
  return {TypeKind::kUnknown};
}

std::optional<DataType> CommonType(const DataType& a, const DataType& b) {
  if (a == b) return a;
  if (a.kind == TypeKind::kUnknown || b.kind == TypeKind::kUnknown) {
    DataType known = a.kind == TypeKind::kUnknown ? b : a;
    // A constant has the digits that it is written with.
    if (known.kind == TypeKind::kNumeric) known.precision = 0;
    if (known.kind == TypeKind::kText) known.max_length = 0;
    return known;
  }
  if (a.IsInteger() && b.IsInteger()) return DataType{std::max(a.kind, b.kind)};
  if (a.IsExactNumber() && b.IsExactNumber()) return NumericOfScale(std::max(ScaleOf(a), ScaleOf(b)));
  if (IsNumber(a) && IsNumber(b)) {
    return a.kind == TypeKind::kDouble || b.kind == TypeKind::kDouble ? kDoubleType : kRealType;
  }
  if (IsMoment(a) && IsMoment(b)) {
    const bool zoned = a.kind == TypeKind::kTimestampTz || b.kind == TypeKind::kTimestampTz;
    return a == b ? a : zoned ? kTimestampTzType : kTimestampType;
  }
  if (a.kind != b.kind) return std::nullopt;
  if (a.kind == TypeKind::kText) return kTextType;
  return a;
}

absl::StatusOr<ExpressionPtr> Coerce(const ExpressionPtr& expression, const DataType& to) {
  const DataType& from = expression->type;
  if (from == to) return expression;
  const auto* literal = std::get_if<LiteralExpression>(&expression->node);
  if (literal != nullptr && IsNull(literal->value)) return MakeLiteral(Null{}, to, expression->position);
  if (literal != nullptr && from.kind == TypeKind::kUnknown) {
    CARE_ASSIGN_OR_RETURN(Value value, ReadText(std::get<std::string>(literal->value), to));
    if (to.IsFloat()) {
      const DataType digits = NumericOfScale(std::get<Decimal>(value).scale);
      ExpressionPtr number = MakeLiteral(std::move(value), digits, expression->position);
      return std::make_shared<const Expression>(Expression{CastExpression{std::move(number)}, to, expression->position});
    }
    const DataType type = LiteralType(value, to);
    return MakeLiteral(std::move(value), type, expression->position);
  }
  if (from.IsInteger() && to.IsInteger()) {
    if (literal != nullptr && FitsKind(std::get<std::int64_t>(literal->value), to.kind)) {
      return MakeLiteral(literal->value, to, expression->position);
    }
    if (to.kind >= from.kind)
      return std::make_shared<const Expression>(
          Expression{CastExpression{expression}, to, expression->position});
  }
  if (from.IsInteger() && to.kind == TypeKind::kNumeric) {
    if (literal != nullptr) {
      return MakeLiteral(Decimal{std::get<std::int64_t>(literal->value), 0}, NumericOfScale(0),
                         expression->position);
    }
    return std::make_shared<const Expression>(
        Expression{CastExpression{expression}, NumericOfScale(0), expression->position});
  }
  if ((from.IsExactNumber() && to.IsFloat()) || (from.kind == TypeKind::kReal && to.kind == TypeKind::kDouble)) {
    return std::make_shared<const Expression>(Expression{CastExpression{expression}, to, expression->position});
  }
  if (IsMoment(from) && to.IsTimestamp()) {
    if (literal != nullptr) {
      if (const std::optional<Timestamp> moment = AsTimestamp(literal->value, to)) return MakeLiteral(*moment, to, expression->position);
    }
    return std::make_shared<const Expression>(Expression{CastExpression{expression}, to, expression->position});
  }
  if (from.kind == to.kind) return expression;  // texts of other lengths, numerics of other scales
  return absl::InvalidArgumentError(
      absl::StrCat("a value of type ", from.ToString(), " cannot be used as ", to.ToString()));
}

std::optional<DataType> ArithmeticType(Function function, const DataType& left, const DataType& right) {
  if (!IsNumber(left) || !IsNumber(right)) return std::nullopt;
  if (left.IsFloat() || right.IsFloat()) {
    if (function == Function::kModulo) return std::nullopt;
    return left == kRealType && right == kRealType ? kRealType : kDoubleType;
  }
  if (left.IsInteger() && right.IsInteger()) return DataType{std::max(left.kind, right.kind)};
  switch (function) {
    case Function::kMultiply:
      return NumericOfScale(ScaleOf(left) + ScaleOf(right));
    case Function::kDivide:
      return NumericOfScale(0);
    default:
      return NumericOfScale(std::max(ScaleOf(left), ScaleOf(right)));
  }
}

std::optional<DataType> AggregateType(AggregateFunction function, const DataType& argument) {
  switch (function) {
    case AggregateFunction::kCountStar:
    case AggregateFunction::kCount:
      return kBigIntType;
    case AggregateFunction::kSum:
      if (argument.kind == TypeKind::kSmallInt || argument.kind == TypeKind::kInteger) return kBigIntType;
      if (argument.IsExactNumber()) return NumericOfScale(ScaleOf(argument));
      return std::nullopt;
    case AggregateFunction::kAverage:
      if (argument.IsExactNumber()) return NumericOfScale(0);
      return std::nullopt;
    case AggregateFunction::kMin:
    case AggregateFunction::kMax:
      if (argument.kind == TypeKind::kBoolean) return std::nullopt;
      if (argument.kind == TypeKind::kText) return kTextType;
      if (argument.kind == TypeKind::kNumeric) return NumericOfScale(ScaleOf(argument));
      return argument;
    case AggregateFunction::kBoolAnd:
    case AggregateFunction::kBoolOr:
      if (argument.kind == TypeKind::kBoolean) return kBooleanType;
      return std::nullopt;
    case AggregateFunction::kVariancePopulation:
    case AggregateFunction::kVarianceSample:
    case AggregateFunction::kDeviationPopulation:
    case AggregateFunction::kDeviationSample:
      if (argument.IsExactNumber()) return kNumericType;
      return std::nullopt;
    case AggregateFunction::kCovariancePopulation:
    case AggregateFunction::kCovarianceSample:
    case AggregateFunction::kCorrelation:
    case AggregateFunction::kRegressionSlope:
    case AggregateFunction::kRegressionIntercept:
    case AggregateFunction::kRegressionR2:
    case AggregateFunction::kPercentileContinuous:
      if (argument.IsExactNumber()) return kDoubleType;
      return std::nullopt;
    case AggregateFunction::kRegressionCount:
      if (argument.IsExactNumber()) return kBigIntType;
      return std::nullopt;
    case AggregateFunction::kPercentileDiscrete:
      if (argument.kind == TypeKind::kNumeric) return NumericOfScale(ScaleOf(argument));
      return argument;
  }
  return std::nullopt;
}

bool CastExists(const DataType& from, const DataType& to) {
  if (from.kind == to.kind || from.kind == TypeKind::kUnknown || from.kind == TypeKind::kText) return true;
  if (to.kind == TypeKind::kText) return from.kind != TypeKind::kInterval;
  if (IsNumber(from) && IsNumber(to)) return true;
  if (IsMoment(from) && IsMoment(to)) return true;
  const auto is_int4 = [](const DataType& type) { return type.kind == TypeKind::kInteger; };
  return (from.kind == TypeKind::kBoolean && is_int4(to)) || (is_int4(from) && to.kind == TypeKind::kBoolean);
}

absl::StatusOr<std::optional<Value>> CastLiteral(const Value& value, const DataType& to) {
  if (IsNull(value)) return std::optional<Value>(value);
  if (to.IsFloat()) return std::optional<Value>();
  if (const auto* text = std::get_if<std::string>(&value)) {
    if (to.kind == TypeKind::kText && to.max_length != 0) return std::optional<Value>();
    CARE_ASSIGN_OR_RETURN(Value read, ReadText(*text, to));
    return std::optional<Value>(std::move(read));
  }
  if (to.kind == TypeKind::kText) {
    if (to.max_length != 0 || std::holds_alternative<Interval>(value)) return std::optional<Value>();
    const auto* boolean = std::get_if<bool>(&value);
    return std::optional<Value>(boolean != nullptr ? std::string(*boolean ? "true" : "false") : FormatValue(value));
  }
  if (const auto* integer = std::get_if<std::int64_t>(&value)) {
    if (to.IsInteger()) {
      if (!FitsKind(*integer, to.kind)) return OutOfRangeFor(to);
      return std::optional<Value>(value);
    }
    if (to.kind == TypeKind::kNumeric) {
      CARE_ASSIGN_OR_RETURN(Value fitted, FitDecimal(Decimal{*integer, 0}, to));
      return std::optional<Value>(std::move(fitted));
    }
  }
  if (const auto* decimal = std::get_if<Decimal>(&value)) {
    if (to.kind == TypeKind::kNumeric) {
      CARE_ASSIGN_OR_RETURN(Value fitted, FitDecimal(*decimal, to));
      return std::optional<Value>(std::move(fitted));
    }
    if (to.IsInteger()) {
      CARE_ASSIGN_OR_RETURN(const Decimal whole, RescaleDecimal(*decimal, 0));
      if (whole.unscaled > INT64_MAX || whole.unscaled < INT64_MIN ||
          !FitsKind(static_cast<std::int64_t>(whole.unscaled), to.kind)) {
        return OutOfRangeFor(to);
      }
      return std::optional<Value>(static_cast<std::int64_t>(whole.unscaled));
    }
  }
  if (to.IsTimestamp()) {
    if (const std::optional<Timestamp> moment = AsTimestamp(value, to)) return std::optional<Value>(*moment);
  }
  if (const auto* timestamp = std::get_if<Timestamp>(&value); timestamp != nullptr && to.kind == TypeKind::kDate) {
    return std::optional<Value>(Date{DayOf(timestamp->microseconds)});
  }
  if (std::holds_alternative<Date>(value) && to.kind == TypeKind::kDate) return std::optional<Value>(value);
  if (std::holds_alternative<bool>(value) && to.kind == TypeKind::kBoolean)
    return std::optional<Value>(value);
  return std::optional<Value>();
}

bool HasOpenScale(const ExpressionPtr& expression) {
  if (expression->type.kind != TypeKind::kNumeric) return false;
  if (const auto* cast = std::get_if<CastExpression>(&expression->node)) {
    if (expression->type.precision != 0) return false;
    if (cast->operand->type.IsFloat()) return true;
  }
  if (const auto* call = std::get_if<CallExpression>(&expression->node)) {
    switch (call->function) {
      case Function::kDivide:
      case Function::kAverageOf:
      case Function::kVariancePopulation:
      case Function::kVarianceSample:
      case Function::kDeviationPopulation:
      case Function::kDeviationSample:
        return true;
      case Function::kRound:
      case Function::kFloor:
      case Function::kCeil:
        return false;
      default:
        break;
    }
  }
  const std::vector<ExpressionPtr> children = ChildrenOf(expression);
  return std::any_of(children.begin(), children.end(), HasOpenScale);
}

}  // namespace care::planner
