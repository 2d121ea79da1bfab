#include "engine/types/double_text.h"

#include <charconv>
#include <cmath>
#include <cstdlib>

#include "absl/strings/str_cat.h"

namespace care {

std::string FormatDouble(double value) {
  if (std::isnan(value)) return "NaN";
  if (std::isinf(value)) return value > 0 ? "Infinity" : "-Infinity";
  if (value == 0) return std::signbit(value) ? "-0" : "0";
  char buffer[64];
  const std::to_chars_result written = std::to_chars(buffer, buffer + sizeof(buffer), value, std::chars_format::scientific);
  const std::string scientific(buffer, written.ptr);
  const std::size_t e = scientific.find('e');
  const int exponent = std::atoi(scientific.c_str() + e + 1);
  // PostgreSQL writes an exponent where the point would be more than 15 digits in or 4 zeroes out.
  if (exponent < -4 || exponent >= 15) {
    const int magnitude = std::abs(exponent);
    return absl::StrCat(scientific.substr(0, e), exponent < 0 ? "e-" : "e+", magnitude < 10 ? "0" : "", magnitude);
  }
  const std::to_chars_result fixed = std::to_chars(buffer, buffer + sizeof(buffer), value, std::chars_format::fixed);
  return std::string(buffer, fixed.ptr);
}

}  // namespace care
