// connectors/postgresql/binary_numeric.h
//
// PostgreSQL's NUMERIC on the wire: a count of digits, the weight of the first, a sign, the digits that are shown
// after the point, and the digits, each 0 to 9999. Read as the integer in units of 10^-scale that it is, or not at
// all: nothing is rounded.
#pragma once

#include <cstddef>
#include <cstdint>

#include "connectors/declared/cell_rule.h"

namespace care::connectors {

// kDecimal: digits beyond `scale`, or not a number. kRange: beyond 64 bits. kStorage: not a numeric.
CellRule ReadBinaryNumeric(const char* data, std::size_t size, int scale, std::int64_t& value);

}  // namespace care::connectors
