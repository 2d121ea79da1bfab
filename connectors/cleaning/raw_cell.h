// connectors/cleaning/raw_cell.h
//
// One cell as its owner's database holds it, before any rule of the federation file was applied. Each connector
// turns its driver's form into this one; what the declared type makes of it is decided in one place (cell_reader.h).
#pragma once

#include <cstdint>
#include <string_view>

#include "engine/types/decimal.h"

namespace care::connectors {

struct RawCell {
  enum class Kind : std::uint8_t {
    kNull,
    kBoolean,  // integer: 0 or 1
    kInteger,  // integer
    kDecimal,  // decimal
    kDate,     // integer: days since 1970-01-01
    kLocal,    // integer: microseconds since 1970-01-01 00:00 on the owner's clock, no time zone
    kInstant,  // integer: microseconds since 1970-01-01 00:00 UTC
    kText,     // text: any bytes; valid while the row is
    kFloat,    // number: of a column that is declared exact it is refused
    kOther,    // anything else
  };
  Kind kind = Kind::kNull;
  std::int64_t integer = 0;
  Decimal decimal;
  std::string_view text;
  double number = 0;
};

}  // namespace care::connectors
