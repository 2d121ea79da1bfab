#include "connectors/postgresql/expected_cell.h"

#include <string>

#include "connectors/declared/cell_rule.h"

namespace care::connectors {

CellExpectation ComputedCell(const DataType& type) {
  CellExpectation cell;
  cell.range = RangeOfType(type);
  switch (type.kind) {
    case TypeKind::kBoolean:
      cell.wire = WireForm::kBoolean;
      break;
    case TypeKind::kDate:
      cell.wire = WireForm::kDate;
      break;
    case TypeKind::kTimestamp:
    case TypeKind::kTimestampTz:
      cell.wire = WireForm::kTimestamp;
      break;
    case TypeKind::kText:
      cell.wire = WireForm::kText;
      break;
    case TypeKind::kNumeric:
      cell.wire = WireForm::kNumeric;
      cell.digits = type.scale;
      break;
    default:
      cell.wire = WireForm::kInt8;
  }
  return cell;
}

const char* ComputedCast(const DataType& type) {
  switch (type.kind) {
    case TypeKind::kBoolean:
      return "boolean";
    case TypeKind::kDate:
      return "date";
    case TypeKind::kTimestamp:
    case TypeKind::kTimestampTz:
      return "timestamp";
    case TypeKind::kText:
      return "text";
    case TypeKind::kNumeric:
      return "numeric";
    default:
      return "bigint";
  }
}

CellExpectation StoredCellOf(const planner::CatalogColumn& declared, const StoredColumn& stored, bool utf8) {
  CellExpectation cell;
  cell.wire = stored.wire;
  cell.digits = stored.digits;
  cell.shift = stored.shift;
  cell.is_boolean = declared.type.kind == TypeKind::kBoolean;
  cell.is_float = declared.shown_as != TypeKind::kUnknown;
  cell.nullable = declared.nullable;
  cell.unchecked_text = !utf8;
  cell.range = RangeOfColumn(declared);
  cell.max_length = declared.type.max_length;
  for (const std::string& member : declared.domain) cell.domain.insert(member);
  return cell;
}

}  // namespace care::connectors
