#include "engine/types/double_text.h"

#include <charconv>
#include <cmath>
#include <cstdlib>
#include <string_view>

#include "absl/strings/str_cat.h"
#include "engine/types/status_macros.h"

namespace care {
namespace {

// PostgreSQL writes an exponent where the point would be more than `most` digits in or 4 zeroes out.
template <typename Float>
std::string Format(Float value, int most) {
  if (std::isnan(value)) return "NaN";
  if (std::isinf(value)) return value > 0 ? "Infinity" : "-Infinity";
  if (value == 0) return std::signbit(value) ? "-0" : "0";
  char buffer[64];
  const std::to_chars_result written = std::to_chars(buffer, buffer + sizeof(buffer), value, std::chars_format::scientific);
  const std::string scientific(buffer, written.ptr);
  const std::size_t e = scientific.find('e');
  const int exponent = std::atoi(scientific.c_str() + e + 1);
  if (exponent < -4 || exponent >= most) {
    const int magnitude = std::abs(exponent);
    return absl::StrCat(scientific.substr(0, e), exponent < 0 ? "e-" : "e+", magnitude < 10 ? "0" : "", magnitude);
  }
  const std::to_chars_result fixed = std::to_chars(buffer, buffer + sizeof(buffer), value, std::chars_format::fixed);
  return std::string(buffer, fixed.ptr);
}

}  // namespace

std::string FormatDouble(double value) { return Format(value, 15); }

std::string FormatReal(float value) { return Format(value, 6); }

absl::StatusOr<Decimal> DecimalOfDouble(double value, int digits) {
  if (!std::isfinite(value)) return absl::OutOfRangeError("cannot convert infinity or NaN to numeric");
  char buffer[64];
  const std::to_chars_result written =
      std::to_chars(buffer, buffer + sizeof(buffer), value, std::chars_format::scientific, digits - 1);
  const std::string_view text(buffer, static_cast<std::size_t>(written.ptr - buffer));
  const std::size_t e = text.find('e');
  CARE_ASSIGN_OR_RETURN(Decimal decimal, ParseDecimal(text.substr(0, e)));
  int exponent = 0;
  std::from_chars(text.data() + e + (text[e + 1] == '+' ? 2 : 1), text.data() + text.size(), exponent);
  // numeric_in keeps the digits that %.15g writes: none that are zeroes at the end.
  while (decimal.scale > 0 && decimal.unscaled % 10 == 0) {
    decimal.unscaled /= 10;
    --decimal.scale;
  }
  decimal.scale -= exponent;
  if (decimal.scale > 38) return absl::OutOfRangeError("numeric value needs more than 38 digits");
  for (; decimal.scale < 0; ++decimal.scale) {
    if (__builtin_mul_overflow(decimal.unscaled, Int128{10}, &decimal.unscaled)) {
      return absl::OutOfRangeError("numeric value needs more than 38 digits");
    }
  }
  return decimal;
}

}  // namespace care
