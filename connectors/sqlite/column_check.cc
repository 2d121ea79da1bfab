#include "connectors/sqlite/column_check.h"

#include <sqlite3.h>

#include <optional>

#include "connectors/cleaning/timestamp_text.h"
#include "engine/types/check.h"
#include "engine/types/date.h"
#include "engine/types/decimal.h"
#include "engine/types/numeric_text.h"
#include "engine/types/timestamp.h"

namespace care::connectors {

CellForm FormOf(const DataType& type, bool native_decimal) {
  switch (type.kind) {
    case TypeKind::kBoolean:
      return CellForm::kBoolean;
    case TypeKind::kDate:
      return CellForm::kDate;
    case TypeKind::kTimestamp:
      return CellForm::kTimestamp;
    case TypeKind::kTimestampTz:
      return CellForm::kTimestampTz;
    case TypeKind::kText:
      return CellForm::kText;
    case TypeKind::kNumeric:
      return native_decimal ? CellForm::kNativeDecimal : CellForm::kInteger;
    default:
      return CellForm::kInteger;
  }
}

ColumnCheck::ColumnCheck(const DataType& type, CellForm form) : form_(form), rules_(type) {}

ColumnCheck::ColumnCheck(const planner::CatalogColumn& column, CellForm form) : form_(form), rules_(column) {}

CellRule ColumnCheck::Read(const StoredCell& cell, std::int64_t& value, bool& null) const {
  value = 0;
  null = cell.storage == SQLITE_NULL;
  if (null) return rules_.Null();
  if (cell.storage == SQLITE_FLOAT) {
    return form_ == CellForm::kNativeDecimal ? rules_.Float(cell.number, value) : CellRule::kFloatingPoint;
  }
  if (cell.storage == SQLITE_BLOB) return CellRule::kStorage;
  const bool is_text = cell.storage == SQLITE_TEXT;
  switch (form_) {
    case CellForm::kText:
      return is_text ? rules_.Text(cell.text) : CellRule::kStorage;
    case CellForm::kBoolean:
      if (is_text || cell.integer < 0 || cell.integer > 1) return CellRule::kBoolean;
      value = cell.integer;
      return CellRule::kHolds;
    case CellForm::kInteger:
      if (is_text) return CellRule::kStorage;
      value = cell.integer;
      return rules_.Integer(value);
    case CellForm::kDate: {
      if (!is_text) return CellRule::kDate;
      const absl::StatusOr<std::int32_t> days = ParseDate(cell.text);
      if (!days.ok()) return CellRule::kDate;
      value = *days;
      return rules_.Integer(value);
    }
    case CellForm::kTimestamp:
    case CellForm::kTimestampTz: {
      if (!is_text) return CellRule::kTimestamp;
      const std::optional<RawCell> moment = ReadTimestampText(cell.text, Fraction::kRounded);
      const RawCell::Kind wanted = form_ == CellForm::kTimestamp ? RawCell::Kind::kLocal : RawCell::Kind::kInstant;
      if (!moment || moment->kind != wanted) return CellRule::kTimestamp;
      if (moment->integer < kFirstTimestamp || moment->integer > kLastTimestamp) return CellRule::kTimestamp;
      value = moment->integer;
      return rules_.Integer(value);
    }
    case CellForm::kNativeDecimal: {
      Decimal decimal{cell.integer, 0};
      if (is_text) {
        const absl::StatusOr<Decimal> parsed = rules_.is_float() ? ReadNumericText(cell.text) : ParseDecimal(cell.text);
        if (rules_.is_float() && !parsed.ok() && !absl::IsInvalidArgument(parsed.status())) return CellRule::kRange;  // NaN, 1e300
        if (!parsed.ok()) return CellRule::kDecimal;
        decimal = *parsed;
      }
      return rules_.Number(decimal, value);
    }
  }
  CARE_CHECK(false);
}

}  // namespace care::connectors
