#include "connectors/sqlite/column_check.h"

#include <sqlite3.h>

#include <algorithm>
#include <cstring>
#include <limits>

#include "absl/strings/str_cat.h"
#include "engine/types/check.h"
#include "engine/types/date.h"
#include "engine/types/decimal.h"

namespace care::connectors {
namespace {

std::int64_t PowerOfTen(int exponent) {
  std::int64_t power = 1;
  for (int i = 0; i < exponent; ++i) power *= 10;
  return power;
}

// Characters of well-formed UTF-8 without NUL (PostgreSQL's TEXT), or -1.
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

}  // namespace

CellForm FormOf(const DataType& type, bool native_decimal) {
  switch (type.kind) {
    case TypeKind::kBoolean:
      return CellForm::kBoolean;
    case TypeKind::kDate:
      return CellForm::kDate;
    case TypeKind::kText:
      return CellForm::kText;
    case TypeKind::kNumeric:
      return native_decimal ? CellForm::kNativeDecimal : CellForm::kInteger;
    default:
      return CellForm::kInteger;
  }
}

ColumnCheck::ColumnCheck(const DataType& type, CellForm form)
    : form_(form),
      type_(type),
      min_(std::numeric_limits<std::int64_t>::min()),
      max_(std::numeric_limits<std::int64_t>::max()) {
  if (type.kind == TypeKind::kSmallInt) {
    min_ = std::numeric_limits<std::int16_t>::min();
    max_ = std::numeric_limits<std::int16_t>::max();
  } else if (type.kind == TypeKind::kInteger) {
    min_ = std::numeric_limits<std::int32_t>::min();
    max_ = std::numeric_limits<std::int32_t>::max();
  } else if (type.kind == TypeKind::kNumeric && type.precision > 0 && type.precision <= 18) {
    max_ = PowerOfTen(type.precision) - 1;
    min_ = -max_;
  }
}

ColumnCheck::ColumnCheck(const planner::CatalogColumn& column, CellForm form) : ColumnCheck(column.type, form) {
  nullable_ = column.nullable;
  if (column.min) min_ = std::max(min_, *column.min);
  if (column.max) max_ = std::min(max_, *column.max);
  if (!column.domain.empty()) domain_ = &column.domain;
}

CellRule ColumnCheck::ReadText(std::string_view text) const {
  if (domain_ != nullptr) {
    for (const std::string& member : *domain_) {
      if (member == text) return CellRule::kHolds;
    }
    return CellRule::kDomain;
  }
  const std::int64_t characters = CountCharacters(text);
  if (characters < 0) return CellRule::kText;
  if (type_.max_length > 0 && characters > type_.max_length) return CellRule::kLength;
  return CellRule::kHolds;
}

CellRule ColumnCheck::Read(const StoredCell& cell, std::int64_t& value, bool& null) const {
  value = 0;
  null = cell.storage == SQLITE_NULL;
  if (null) return nullable_ ? CellRule::kHolds : CellRule::kNull;
  if (cell.storage == SQLITE_FLOAT) return CellRule::kFloatingPoint;
  if (cell.storage == SQLITE_BLOB) return CellRule::kStorage;
  const bool is_text = cell.storage == SQLITE_TEXT;
  switch (form_) {
    case CellForm::kText:
      return is_text ? ReadText(cell.text) : CellRule::kStorage;
    case CellForm::kBoolean:
      if (is_text || cell.integer < 0 || cell.integer > 1) return CellRule::kBoolean;
      value = cell.integer;
      return CellRule::kHolds;
    case CellForm::kInteger:
      if (is_text) return CellRule::kStorage;
      value = cell.integer;
      break;
    case CellForm::kDate: {
      if (!is_text) return CellRule::kDate;
      const absl::StatusOr<std::int32_t> days = ParseDate(cell.text);
      if (!days.ok()) return CellRule::kDate;
      value = *days;
      break;
    }
    case CellForm::kNativeDecimal: {
      Decimal decimal{cell.integer, 0};
      if (is_text) {
        const absl::StatusOr<Decimal> parsed = ParseDecimal(cell.text);
        if (!parsed.ok()) return CellRule::kDecimal;
        decimal = *parsed;
      }
      const absl::StatusOr<Decimal> scaled = RescaleDecimal(decimal, type_.scale);
      // A digit beyond the declared scale would be rounded away: refuse rather than change the data.
      if (!scaled.ok() || CompareDecimals(*scaled, decimal) != 0 || scaled->unscaled > max_ ||
          scaled->unscaled < min_) {
        return scaled.ok() && CompareDecimals(*scaled, decimal) == 0 ? CellRule::kRange : CellRule::kDecimal;
      }
      value = static_cast<std::int64_t>(scaled->unscaled);
      return CellRule::kHolds;
    }
  }
  return value < min_ || value > max_ ? CellRule::kRange : CellRule::kHolds;
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
      return data("a value is not a decimal number of the declared digits",
                  "correct its data or declare more digits");
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
