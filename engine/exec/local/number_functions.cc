#include "engine/exec/local/number_functions.h"

#include <algorithm>
#include <charconv>
#include <limits>

#include "absl/strings/str_cat.h"
#include "engine/exec/local/float_functions.h"
#include "engine/exec/local/text_functions.h"
#include "engine/types/check.h"
#include "engine/types/date_text.h"
#include "engine/types/numeric_text.h"
#include "engine/types/status_macros.h"
#include "engine/types/timestamp.h"

namespace care::engine {
namespace {

using planner::Function;

Int128 PowerOfTen(int exponent) {
  Int128 power = 1;
  for (int i = 0; i < exponent; ++i) power *= 10;
  return power;
}

absl::StatusOr<Value> DecimalArithmetic(Function function, const Decimal& left, const Decimal& right) {
  switch (function) {
    case Function::kAdd: {
      CARE_ASSIGN_OR_RETURN(const Decimal sum, AddDecimals(left, right));
      return sum;
    }
    case Function::kSubtract: {
      CARE_ASSIGN_OR_RETURN(const Decimal difference, SubtractDecimals(left, right));
      return difference;
    }
    case Function::kMultiply: {
      CARE_ASSIGN_OR_RETURN(const Decimal product, MultiplyDecimals(left, right));
      return product;
    }
    case Function::kDivide: {
      CARE_ASSIGN_OR_RETURN(const Decimal quotient, DivideDecimals(left, right));
      return quotient;
    }
    default: {
      CARE_CHECK(function == Function::kModulo);
      if (right.unscaled == 0) return absl::InvalidArgumentError("division by zero");
      const int scale = std::max(left.scale, right.scale);
      CARE_ASSIGN_OR_RETURN(const Decimal dividend, RescaleDecimal(left, scale));
      CARE_ASSIGN_OR_RETURN(const Decimal divisor, RescaleDecimal(right, scale));
      return Decimal{dividend.unscaled % divisor.unscaled, scale};
    }
  }
}

std::string_view Stripped(std::string_view text) {
  const char* spaces = " \t\n\r\v\f";
  const std::size_t begin = text.find_first_not_of(spaces);
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(spaces) - begin + 1);
}

absl::StatusOr<Value> CastText(std::string_view text, const DataType& to) {
  const auto malformed = [&] {
    return absl::InvalidArgumentError(absl::StrCat("invalid input syntax for type ", to.ToString()));
  };
  const std::string_view word = Stripped(text);
  if (to.IsInteger()) {
    std::string_view digits = word;
    if (!digits.empty() && digits[0] == '+') digits.remove_prefix(1);
    std::int64_t value = 0;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
    if (error == std::errc::result_out_of_range) return absl::OutOfRangeError("integer out of range");
    if (digits.empty() || error != std::errc() || end != digits.data() + digits.size()) return malformed();
    return CheckedInteger(value, to);
  }
  if (to.kind == TypeKind::kNumeric) {
    const absl::StatusOr<Decimal> value = ReadNumericText(word);
    if (!value.ok()) return absl::IsOutOfRange(value.status()) ? value.status() : malformed();
    return CastValue(*value, to);
  }
  if (to.IsFloat()) {
    const absl::StatusOr<Decimal> value = ReadNumericText(word);
    if (!value.ok()) return absl::IsInvalidArgument(value.status()) ? malformed() : value.status();
    return CastToFloat(*value, to);
  }
  if (to.kind == TypeKind::kDate) {
    const absl::StatusOr<std::int32_t> days = ReadDateText(word);
    if (!days.ok()) return malformed();
    return Date{*days};
  }
  if (to.IsTimestamp()) {
    const bool zoned = to.kind == TypeKind::kTimestampTz;
    const absl::StatusOr<std::int64_t> read = ReadTimestampText(word, zoned);
    if (!read.ok()) return absl::IsOutOfRange(read.status()) ? read.status() : malformed();
    return Timestamp{*read, zoned};
  }
  if (to.kind != TypeKind::kBoolean) {
    return absl::UnimplementedError(absl::StrCat("a cast of text to ", to.ToString(), " is not supported yet"));
  }
  const std::string lower = LowerAscii(word);
  const auto abbreviates = [&](std::string_view full, std::size_t least) {
    return lower.size() >= least && full.substr(0, lower.size()) == lower;
  };
  if (abbreviates("true", 1) || abbreviates("yes", 1) || lower == "on" || lower == "1") return true;
  if (abbreviates("false", 1) || abbreviates("no", 1) || abbreviates("off", 2) || lower == "0") return false;
  return malformed();
}

}  // namespace

Decimal AsDecimal(const Value& number) {
  if (const auto* integer = std::get_if<std::int64_t>(&number)) return Decimal{*integer, 0};
  const auto* decimal = std::get_if<Decimal>(&number);
  CARE_CHECK(decimal != nullptr);
  return *decimal;
}

absl::StatusOr<Value> CheckedInteger(Int128 value, const DataType& type) {
  Int128 low = std::numeric_limits<std::int64_t>::min();
  Int128 high = std::numeric_limits<std::int64_t>::max();
  if (type.kind == TypeKind::kSmallInt) {
    low = std::numeric_limits<std::int16_t>::min();
    high = std::numeric_limits<std::int16_t>::max();
  } else if (type.kind == TypeKind::kInteger) {
    low = std::numeric_limits<std::int32_t>::min();
    high = std::numeric_limits<std::int32_t>::max();
  }
  if (value < low || value > high) return absl::OutOfRangeError(absl::StrCat(type.ToString(), " out of range"));
  return static_cast<std::int64_t>(value);
}

absl::StatusOr<Value> Arithmetic(Function function, const Value& left, const Value& right,
                                 const DataType& result) {
  if (IsFloat(left) || IsFloat(right)) return FloatArithmetic(function, left, right);
  const auto* a = std::get_if<std::int64_t>(&left);
  const auto* b = std::get_if<std::int64_t>(&right);
  if (a == nullptr || b == nullptr || !result.IsInteger()) {
    return DecimalArithmetic(function, AsDecimal(left), AsDecimal(right));
  }
  const Int128 x = *a;
  const Int128 y = *b;
  switch (function) {
    case Function::kAdd:
      return CheckedInteger(x + y, result);
    case Function::kSubtract:
      return CheckedInteger(x - y, result);
    case Function::kMultiply:
      return CheckedInteger(x * y, result);
    case Function::kDivide:
      if (y == 0) return absl::InvalidArgumentError("division by zero");
      return CheckedInteger(x / y, result);
    default:
      CARE_CHECK(function == Function::kModulo);
      if (y == 0) return absl::InvalidArgumentError("division by zero");
      return CheckedInteger(x % y, result);
  }
}

absl::StatusOr<Value> Negate(const Value& value, const DataType& result) {
  if (const auto* integer = std::get_if<std::int64_t>(&value)) return CheckedInteger(-Int128{*integer}, result);
  if (IsFloat(value)) return NegateFloat(value);
  const Decimal decimal = AsDecimal(value);
  return Decimal{-decimal.unscaled, decimal.scale};
}

absl::StatusOr<Value> Absolute(const Value& value, const DataType& result) {
  if (IsFloat(value)) return AbsoluteFloat(value);
  return AsDecimal(value).unscaled < 0 ? Negate(value, result) : absl::StatusOr<Value>(value);
}

absl::StatusOr<Value> Round(const Value& value, std::int64_t digits, const DataType& result) {
  if (IsFloat(value)) return RoundFloat(value);  // to no digits: ROUND(x, 2) is of numerics
  Decimal decimal = AsDecimal(value);
  digits = std::clamp<std::int64_t>(digits, -38, 38);
  if (digits >= 0) {
    CARE_ASSIGN_OR_RETURN(decimal, RescaleDecimal(decimal, static_cast<int>(digits)));
  } else {
    // Tens, hundreds: read the value as one of that many digits more after the point, and round those away.
    const int shift = static_cast<int>(-digits);
    if (decimal.scale + shift > 38) {
      decimal = Decimal{0, 0};
    } else {
      CARE_ASSIGN_OR_RETURN(decimal, RescaleDecimal(Decimal{decimal.unscaled, decimal.scale + shift}, 0));
      if (__builtin_mul_overflow(decimal.unscaled, PowerOfTen(shift), &decimal.unscaled)) {
        return absl::OutOfRangeError("numeric value needs more than 38 digits");
      }
    }
  }
  if (result.IsInteger()) return CastValue(decimal, result);
  return decimal;
}

absl::StatusOr<Value> FloorOrCeil(const Value& value, bool floor, const DataType& result) {
  if (IsFloat(value)) return FloorOrCeilFloat(value, floor);
  const Decimal decimal = AsDecimal(value);
  const Int128 unit = PowerOfTen(decimal.scale);
  Int128 whole = decimal.unscaled / unit;
  const Int128 rest = decimal.unscaled % unit;
  if (floor && rest < 0) --whole;
  if (!floor && rest > 0) ++whole;
  if (result.IsInteger()) return CheckedInteger(whole, result);
  return Decimal{whole, 0};
}

absl::StatusOr<Value> CastValue(const Value& value, const DataType& to) {
  if (to.kind == TypeKind::kText) {
    const auto* boolean = std::get_if<bool>(&value);
    std::string text = boolean != nullptr ? (*boolean ? "true" : "false") : FormatValue(value);
    if (to.max_length == 0) return text;
    const std::int64_t length = to.max_length;
    CARE_ASSIGN_OR_RETURN(text, Substring(text, 1, &length));
    return text;
  }
  if (const auto* text = std::get_if<std::string>(&value)) return CastText(*text, to);
  if (const auto* date = std::get_if<Date>(&value); date != nullptr && to.IsTimestamp()) {
    return Timestamp{date->days * kMicrosecondsOfDay, to.kind == TypeKind::kTimestampTz};
  }
  if (const auto* timestamp = std::get_if<Timestamp>(&value)) {
    if (to.kind == TypeKind::kDate) return Date{DayOf(timestamp->microseconds)};
    return Timestamp{timestamp->microseconds, to.kind == TypeKind::kTimestampTz};
  }
  if (IsFloat(value)) {
    CARE_ASSIGN_OR_RETURN(const Value cast, CastFloat(value, to));
    return to.kind == TypeKind::kNumeric ? CastValue(cast, to) : absl::StatusOr<Value>(cast);
  }
  if (to.IsFloat()) return CastToFloat(AsDecimal(value), to);
  const auto* boolean = std::get_if<bool>(&value);
  if (to.IsInteger()) {
    if (boolean != nullptr) return std::int64_t{*boolean ? 1 : 0};
    CARE_ASSIGN_OR_RETURN(const Decimal whole, RescaleDecimal(AsDecimal(value), 0));
    return CheckedInteger(whole.unscaled, to);
  }
  if (to.kind == TypeKind::kNumeric) {
    if (to.precision == 0) return AsDecimal(value);
    CARE_ASSIGN_OR_RETURN(const Decimal rounded, RescaleDecimal(AsDecimal(value), to.scale));
    const Int128 limit = PowerOfTen(to.precision);
    if (rounded.unscaled >= limit || rounded.unscaled <= -limit) {
      return absl::OutOfRangeError(absl::StrCat("numeric field overflow: ", to.ToString()));
    }
    return rounded;
  }
  if (to.kind == TypeKind::kBoolean && boolean == nullptr) {
    const auto* integer = std::get_if<std::int64_t>(&value);
    CARE_CHECK(integer != nullptr);
    return *integer != 0;
  }
  return value;  // date to date, boolean to boolean
}

}  // namespace care::engine
