#include "connectors/sqlite/column_check.h"

#include <sqlite3.h>

#include "engine/types/date.h"
#include "engine/types/decimal.h"

namespace care::connectors {

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
    : form_(form), type_(type), min_(RangeOfType(type).min), max_(RangeOfType(type).max) {}

ColumnCheck::ColumnCheck(const planner::CatalogColumn& column, CellForm form) : ColumnCheck(column.type, form) {
  nullable_ = column.nullable;
  const StoredRange range = RangeOfColumn(column);
  min_ = range.min;
  max_ = range.max;
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

}  // namespace care::connectors
