#include "engine/types/decimal.h"

#include <algorithm>
#include <array>
#include <cstdlib>

#include "absl/status/status.h"
#include "engine/types/status_macros.h"

namespace care {
namespace {

constexpr int kMaxDigits = 38;

UInt128 PowerOfTen(int exponent) {
  UInt128 power = 1;
  for (int i = 0; i < exponent; ++i) power *= 10;
  return power;
}

UInt128 Magnitude(Int128 value) { return value < 0 ? -static_cast<UInt128>(value) : static_cast<UInt128>(value); }

absl::Status TooLarge() { return absl::OutOfRangeError("numeric value needs more than 38 digits"); }

absl::StatusOr<Int128> ScaledUp(Int128 value, int digits) {
  if (digits > kMaxDigits) return TooLarge();
  Int128 result = 0;
  if (__builtin_mul_overflow(value, static_cast<Int128>(PowerOfTen(digits)), &result)) return TooLarge();
  return result;
}

// PostgreSQL stores a numeric in base 10,000 and chooses a quotient's digits from the positions and values
// of the two leading base-10,000 digits. This finds them: value = digit * 10000^weight + smaller terms.
struct LeadingDigit {
  int weight = 0;
  int digit = 0;
};

LeadingDigit FindLeadingDigit(Decimal value) {
  UInt128 magnitude = Magnitude(value.unscaled);
  if (magnitude == 0) return {};
  // Align the point to a base-10,000 boundary, then strip whole digits from the right.
  const int padding = (4 - value.scale % 4) % 4;
  int weight = -(value.scale + padding) / 4;
  // Multiplying by 10^padding could overflow; split the last partial digit off instead.
  UInt128 head = magnitude;
  if (padding > 0) {
    const UInt128 low_base = PowerOfTen(4 - padding);
    if (magnitude < low_base) {
      return {weight, static_cast<int>(magnitude * PowerOfTen(padding))};
    }
    head = magnitude / low_base;
    ++weight;
  }
  while (head >= 10000) {
    head /= 10000;
    ++weight;
  }
  return {weight, static_cast<int>(head)};
}

}  // namespace

std::string Decimal::ToString() const {
  UInt128 magnitude = Magnitude(unscaled);
  std::string digits;
  do {
    digits.push_back(static_cast<char>('0' + static_cast<int>(magnitude % 10)));
    magnitude /= 10;
  } while (magnitude != 0);
  while (static_cast<int>(digits.size()) <= scale) digits.push_back('0');
  if (unscaled < 0) digits.push_back('-');
  std::reverse(digits.begin(), digits.end());
  if (scale > 0) digits.insert(digits.size() - static_cast<std::size_t>(scale), ".");
  return digits;
}

absl::StatusOr<Decimal> ParseDecimal(std::string_view text) {
  const auto malformed = [] { return absl::InvalidArgumentError("not a decimal number"); };
  bool negative = false;
  if (!text.empty() && (text[0] == '-' || text[0] == '+')) {
    negative = text[0] == '-';
    text.remove_prefix(1);
  }
  Decimal value;
  bool point = false;
  int digits = 0;
  for (char c : text) {
    if (c == '.' && !point) {
      point = true;
    } else if (c >= '0' && c <= '9') {
      if (value.unscaled != 0 || c != '0') ++digits;
      if (digits > kMaxDigits) return TooLarge();
      value.unscaled = value.unscaled * 10 + (c - '0');
      if (point) ++value.scale;
    } else {
      return malformed();
    }
  }
  if (text.empty() || (point && text.size() == 1)) return malformed();
  if (value.scale > kMaxDigits) return TooLarge();
  if (negative) value.unscaled = -value.unscaled;
  return value;
}

absl::StatusOr<Decimal> AddDecimals(Decimal a, Decimal b) {
  const int scale = std::max(a.scale, b.scale);
  CARE_ASSIGN_OR_RETURN(const Int128 left, ScaledUp(a.unscaled, scale - a.scale));
  CARE_ASSIGN_OR_RETURN(const Int128 right, ScaledUp(b.unscaled, scale - b.scale));
  Decimal sum{0, scale};
  if (__builtin_add_overflow(left, right, &sum.unscaled)) return TooLarge();
  return sum;
}

absl::StatusOr<Decimal> SubtractDecimals(Decimal a, Decimal b) {
  return AddDecimals(a, Decimal{-b.unscaled, b.scale});
}

absl::StatusOr<Decimal> MultiplyDecimals(Decimal a, Decimal b) {
  Decimal product{0, a.scale + b.scale};
  if (product.scale > kMaxDigits || __builtin_mul_overflow(a.unscaled, b.unscaled, &product.unscaled)) {
    return TooLarge();
  }
  return product;
}

absl::StatusOr<Decimal> DivideDecimals(Decimal dividend, Decimal divisor) {
  if (divisor.unscaled == 0) return absl::InvalidArgumentError("division by zero");
  constexpr int kMinSignificantDigits = 16;
  const LeadingDigit left = FindLeadingDigit(dividend);
  const LeadingDigit right = FindLeadingDigit(divisor);
  int quotient_weight = left.weight - right.weight;
  if (left.digit <= right.digit) --quotient_weight;
  int scale = kMinSignificantDigits - quotient_weight * 4;
  scale = std::max({scale, dividend.scale, divisor.scale, 0});
  if (scale > kMaxDigits) return TooLarge();

  // Long division: the remainder stays below the divisor, so 128 bits suffice digit by digit.
  const UInt128 bottom = Magnitude(divisor.unscaled);
  if (bottom > PowerOfTen(kMaxDigits - 1)) return TooLarge();
  UInt128 quotient = Magnitude(dividend.unscaled) / bottom;
  UInt128 remainder = Magnitude(dividend.unscaled) % bottom;
  int digits_to_produce = scale - (dividend.scale - divisor.scale);
  if (digits_to_produce < 0) return TooLarge();  // Unreachable: scale covers both operands' scales.
  for (; digits_to_produce > 0; --digits_to_produce) {
    remainder *= 10;
    if (quotient > PowerOfTen(kMaxDigits - 1)) return TooLarge();
    quotient = quotient * 10 + remainder / bottom;
    remainder %= bottom;
  }
  if (remainder * 2 >= bottom) ++quotient;
  const bool negative = (dividend.unscaled < 0) != (divisor.unscaled < 0);
  return Decimal{negative ? -static_cast<Int128>(quotient) : static_cast<Int128>(quotient), scale};
}

absl::StatusOr<Decimal> RescaleDecimal(Decimal value, int scale) {
  if (scale >= value.scale) {
    CARE_ASSIGN_OR_RETURN(const Int128 unscaled, ScaledUp(value.unscaled, scale - value.scale));
    return Decimal{unscaled, scale};
  }
  const UInt128 unit = PowerOfTen(value.scale - scale);
  const UInt128 magnitude = Magnitude(value.unscaled);
  UInt128 rounded = magnitude / unit;
  if ((magnitude % unit) >= unit - unit / 2) ++rounded;
  return Decimal{value.unscaled < 0 ? -static_cast<Int128>(rounded) : static_cast<Int128>(rounded), scale};
}

int CompareDecimals(Decimal a, Decimal b) {
  // Compare integer parts first, then fractions brought to one scale; neither step can overflow.
  const Int128 a_unit = static_cast<Int128>(PowerOfTen(a.scale));
  const Int128 b_unit = static_cast<Int128>(PowerOfTen(b.scale));
  const Int128 a_whole = a.unscaled / a_unit;
  const Int128 b_whole = b.unscaled / b_unit;
  if (a_whole != b_whole) return a_whole < b_whole ? -1 : 1;
  const int scale = std::max(a.scale, b.scale);
  const Int128 a_part = (a.unscaled % a_unit) * static_cast<Int128>(PowerOfTen(scale - a.scale));
  const Int128 b_part = (b.unscaled % b_unit) * static_cast<Int128>(PowerOfTen(scale - b.scale));
  return a_part == b_part ? 0 : (a_part < b_part ? -1 : 1);
}

}  // namespace care
