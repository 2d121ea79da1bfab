#include "connectors/declared/cell_rule.h"

#include <algorithm>
#include <limits>

#include "absl/strings/str_cat.h"
#include "engine/types/check.h"

namespace care::connectors {
namespace {

std::int64_t PowerOfTen(int exponent) {
  std::int64_t power = 1;
  for (int i = 0; i < exponent; ++i) power *= 10;
  return power;
}

}  // namespace

StoredRange RangeOfType(const DataType& type) {
  switch (type.kind) {
    case TypeKind::kSmallInt:
      return {std::numeric_limits<std::int16_t>::min(), std::numeric_limits<std::int16_t>::max()};
    case TypeKind::kInteger:
      return {std::numeric_limits<std::int32_t>::min(), std::numeric_limits<std::int32_t>::max()};
    case TypeKind::kNumeric:
      if (type.precision > 0 && type.precision <= 18) {
        const std::int64_t limit = PowerOfTen(type.precision) - 1;
        return {-limit, limit};
      }
      [[fallthrough]];
    default:
      return {std::numeric_limits<std::int64_t>::min(), std::numeric_limits<std::int64_t>::max()};
  }
}

StoredRange RangeOfColumn(const planner::CatalogColumn& column) {
  StoredRange range = RangeOfType(column.type);
  if (column.min) range.min = std::max(range.min, *column.min);
  if (column.max) range.max = std::min(range.max, *column.max);
  return range;
}

std::int64_t CountCharacters(std::string_view text) {
  std::int64_t characters = 0;
  for (std::size_t at = 0; at < text.size(); ++characters) {
    const auto byte = static_cast<unsigned char>(text[at]);
    if (byte == 0) return -1;
    if (byte < 0x80) {
      ++at;
      continue;
    }
    const std::size_t length = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : 2;
    if (byte < 0xc2 || byte > 0xf4 || at + length > text.size()) return -1;
    std::uint32_t code = byte & (0xff >> (length + 1));
    for (std::size_t i = 1; i < length; ++i) {
      const auto next = static_cast<unsigned char>(text[at + i]);
      if ((next & 0xc0) != 0x80) return -1;
      code = code << 6 | (next & 0x3f);
    }
    const bool overlong = (length == 3 && code < 0x800) || (length == 4 && code < 0x10000);
    const bool surrogate = code >= 0xd800 && code <= 0xdfff;
    if (overlong || surrogate || code > 0x10ffff) return -1;
    at += length;
  }
  return characters;
}

absl::Status BrokenRule(CellRule rule, const std::string& column, const std::string& party) {
  const auto data = [&](const char* what, const char* remedy) {
    return absl::FailedPreconditionError(absl::StrCat(column, ": ", what, "; ", party, " should ", remedy));
  };
  switch (rule) {
    case CellRule::kHolds:
      return absl::OkStatus();
    case CellRule::kNull:
      return data("a value is NULL, and the column is declared NOT NULL", "correct its data or declare it nullable");
    case CellRule::kFloatingPoint:
      return data("a value is stored as a floating-point number, which is not exact",
                  "store it as decimal text or as a scaled integer");
    case CellRule::kStorage:
      return data("a value is not stored as its declared type", "correct its data or its [tables] mapping");
    case CellRule::kBoolean:
      return data("a value is not stored as 0 or 1", "correct its data or its [tables] mapping");
    case CellRule::kDate:
      return data("a value is not a date written YYYY-MM-DD", "correct its data or its [tables] mapping");
    case CellRule::kDecimal:
      return data("a value is not a decimal number of the declared digits", "correct its data or declare more digits");
    case CellRule::kRange:
      return data("a value is outside its declared range", "correct its data or agree on a wider range");
    case CellRule::kDomain:
      return data("a value is outside its declared domain", "correct its data or agree on a wider domain");
    case CellRule::kLength:
      return data("a text is longer than declared", "correct its data or declare a longer type");
    case CellRule::kText:
      return data("a text is not valid UTF-8", "correct its data");
  }
  CARE_CHECK(false);
}

}  // namespace care::connectors
