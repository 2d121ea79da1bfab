#include "engine/exec/local/float_functions.h"

#include <charconv>
#include <cmath>
#include <limits>
#include <string>

#include "absl/strings/str_cat.h"
#include "engine/exec/local/number_functions.h"
#include "engine/exec/local/statistics.h"
#include "engine/types/check.h"
#include "engine/types/double_text.h"
#include "engine/types/status_macros.h"

namespace care::engine {
namespace {

using planner::Function;

absl::Status Overflow() { return absl::OutOfRangeError("value out of range: overflow"); }
absl::Status Underflow() { return absl::OutOfRangeError("value out of range: underflow"); }

template <typename Float>
absl::StatusOr<Value> Checked(Float value, bool operands_finite) {
  if (std::isinf(value) && operands_finite) return Overflow();
  return Value(value);
}

template <typename Float>
absl::StatusOr<Value> Compute(Function function, Float left, Float right) {
  const bool finite = std::isfinite(left) && std::isfinite(right);
  switch (function) {
    case Function::kAdd:
      return Checked<Float>(left + right, finite);
    case Function::kSubtract:
      return Checked<Float>(left - right, finite);
    case Function::kMultiply: {
      const Float product = left * right;
      if (product == 0 && left != 0 && right != 0) return Underflow();
      return Checked<Float>(product, finite);
    }
    case Function::kDivide: {
      if (right == 0) return absl::InvalidArgumentError("division by zero");
      const Float quotient = left / right;
      if (quotient == 0 && left != 0 && !std::isinf(right)) return Underflow();
      return Checked<Float>(quotient, finite);
    }
    default:
      return absl::InvalidArgumentError("% of double precision does not exist; cast to numeric first");
  }
}

template <typename Of>
Value WithEach(const Value& value, Of of) {
  if (const auto* single = std::get_if<float>(&value)) return of(*single);
  const auto* number = std::get_if<double>(&value);
  CARE_CHECK(number != nullptr);
  return of(*number);
}

absl::StatusOr<Value> Power(double base, double exponent) {
  if (base == 0 && exponent < 0)
    return absl::InvalidArgumentError("zero raised to a negative power is undefined");
  if (base < 0 && std::floor(exponent) != exponent) {
    return absl::InvalidArgumentError(
        "a negative number raised to a non-integer power yields a complex result");
  }
  const double power = std::pow(base, exponent);
  if (power == 0 && base != 0) return Underflow();
  return Checked(power, true);
}

absl::StatusOr<Value> Logarithm(double value, bool natural) {
  if (value == 0) return absl::InvalidArgumentError("cannot take logarithm of zero");
  if (value < 0) return absl::InvalidArgumentError("cannot take logarithm of a negative number");
  return Value(natural ? std::log(value) : std::log10(value));
}

}  // namespace

bool IsFloat(const Value& value) {
  return std::holds_alternative<double>(value) || std::holds_alternative<float>(value);
}

double AsDouble(const Value& number) {
  if (const auto* value = std::get_if<double>(&number)) return *value;
  if (const auto* value = std::get_if<float>(&number)) return *value;
  return DoubleOf(AsDecimal(number));
}

absl::StatusOr<Value> FloatArithmetic(Function function, const Value& left, const Value& right) {
  const auto* a = std::get_if<float>(&left);
  const auto* b = std::get_if<float>(&right);
  if (a != nullptr && b != nullptr) return Compute<float>(function, *a, *b);
  return Compute<double>(function, AsDouble(left), AsDouble(right));
}

Value NegateFloat(const Value& value) {
  return WithEach(value, [](auto number) { return Value(-number); });
}

Value AbsoluteFloat(const Value& value) {
  return WithEach(value, [](auto number) { return Value(std::fabs(number)); });
}

Value RoundFloat(const Value& value) { return std::rint(AsDouble(value)); }

Value FloorOrCeilFloat(const Value& value, bool floor) {
  return floor ? std::floor(AsDouble(value)) : std::ceil(AsDouble(value));
}

absl::StatusOr<Value> MathFunction(Function function, const std::vector<Value>& arguments) {
  const double number = AsDouble(arguments[0]);
  switch (function) {
    case Function::kSquareRoot:
      if (number < 0) return absl::InvalidArgumentError("cannot take square root of a negative number");
      return Value(std::sqrt(number));
    case Function::kPower:
      return Power(number, AsDouble(arguments[1]));
    case Function::kExponential: {
      const double power = std::exp(number);
      if (power == 0) return Underflow();
      return Checked(power, true);
    }
    default:
      CARE_CHECK(function == Function::kNaturalLogarithm || function == Function::kLogarithm);
      return Logarithm(number, function == Function::kNaturalLogarithm);
  }
}

absl::StatusOr<Value> CastFloat(const Value& value, const DataType& to) {
  const double number = AsDouble(value);
  if (to.kind == TypeKind::kDouble) return Value(number);
  if (to.kind == TypeKind::kReal) {
    const auto single = static_cast<float>(number);
    if (single == 0 && number != 0) return Underflow();
    return Checked(single, std::isfinite(number));
  }
  if (to.IsInteger()) {
    const double whole = std::rint(number);  // half to even, unlike numeric
    if (!(whole >= -9223372036854775808.0 && whole < 9223372036854775808.0)) {
      return absl::OutOfRangeError(absl::StrCat(to.ToString(), " out of range"));
    }
    return CheckedInteger(static_cast<std::int64_t>(whole), to);
  }
  if (to.kind != TypeKind::kNumeric)
    return absl::UnimplementedError("this cast of double precision is not supported yet");
  const bool single = std::holds_alternative<float>(value);
  CARE_ASSIGN_OR_RETURN(const Decimal decimal,
                        DecimalOfDouble(number, single ? std::numeric_limits<float>::digits10
                                                       : std::numeric_limits<double>::digits10));
  return Value(decimal);
}

absl::StatusOr<Value> CastToFloat(const Decimal& value, const DataType& to) {
  if (to.kind == TypeKind::kDouble) return Value(DoubleOf(value));
  // Rounded once, from the digits: by way of a double it would be rounded twice.
  const std::string text = value.ToString();
  float single = 0;
  if (std::from_chars(text.data(), text.data() + text.size(), single).ec != std::errc()) return Overflow();
  return Value(single);
}

}  // namespace care::engine
