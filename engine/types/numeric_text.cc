#include "engine/types/numeric_text.h"

#include <string>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "engine/types/status_macros.h"

namespace care {
namespace {

constexpr int kMostDigits = 38;

absl::Status TooLarge() { return absl::OutOfRangeError("a number has at most 38 digits"); }

absl::StatusOr<int> ReadExponent(std::string_view text) {
  std::string_view digits = text;
  if (!digits.empty() && (digits[0] == '+' || digits[0] == '-')) digits.remove_prefix(1);
  if (digits.empty() || digits.find_first_not_of("0123456789") != std::string_view::npos)
    return absl::InvalidArgumentError("not a number");
  int exponent = 0;
  if (!absl::SimpleAtoi(absl::string_view(text.data(), text.size()), &exponent) || exponent > kMostDigits ||
      exponent < -kMostDigits)
    return TooLarge();
  return exponent;
}

}  // namespace

absl::StatusOr<Decimal> ReadNumericText(std::string_view text) {
  const absl::string_view trimmed = absl::StripAsciiWhitespace(absl::string_view(text.data(), text.size()));
  std::string_view word(trimmed.data(), trimmed.size());
  std::string_view name = word;
  if (!name.empty() && (name[0] == '-' || name[0] == '+')) name.remove_prefix(1);
  for (const char* special : {"nan", "infinity", "inf"}) {
    if (!absl::EqualsIgnoreCase(absl::string_view(name.data(), name.size()), special)) continue;
    return absl::UnimplementedError(
        absl::StrCat("the numeric value ", special[0] == 'n' ? "NaN" : "Infinity"));
  }
  int exponent = 0;
  if (const std::size_t mark = word.find_first_of("eE"); mark != std::string_view::npos) {
    CARE_ASSIGN_OR_RETURN(exponent, ReadExponent(word.substr(mark + 1)));
    word = word.substr(0, mark);
  }
  absl::StatusOr<Decimal> value = ParseDecimal(word);
  if (absl::IsOutOfRange(value.status())) return TooLarge();
  if (!value.ok()) return value;
  value->scale -= exponent;
  for (; value->scale < 0; ++value->scale) {
    if (__builtin_mul_overflow(value->unscaled, Int128{10}, &value->unscaled)) return TooLarge();
  }
  if (value->scale > kMostDigits) return TooLarge();
  return value;
}

}  // namespace care
