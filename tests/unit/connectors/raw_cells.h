// Raw cells of each kind, for tests of what cleaning makes of them.
#pragma once

#include <string_view>

#include "connectors/cleaning/raw_cell.h"

namespace care::connectors {

inline RawCell NullCell() { return {}; }
inline RawCell CellOfKind(RawCell::Kind kind, std::int64_t integer) {
  RawCell cell;
  cell.kind = kind;
  cell.integer = integer;
  return cell;
}
inline RawCell IntegerCell(std::int64_t integer) { return CellOfKind(RawCell::Kind::kInteger, integer); }
inline RawCell TextCell(std::string_view text) {
  RawCell cell;
  cell.kind = RawCell::Kind::kText;
  cell.text = text;
  return cell;
}
inline RawCell DecimalCell(Int128 unscaled, int scale) {
  RawCell cell;
  cell.kind = RawCell::Kind::kDecimal;
  cell.decimal = {unscaled, scale};
  return cell;
}

}  // namespace care::connectors
