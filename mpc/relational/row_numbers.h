// mpc/relational/row_numbers.h
//
// The numbers of rows as a public column: what breaks ties in a sort, and what a moved row came from. Local.
#pragma once

#include <algorithm>
#include <bit>

#include "mpc/protocol/protocol.h"

namespace care::mpc {

// Bits of a row's number.
inline unsigned RowNumberBits(std::size_t rows) {
  return static_cast<unsigned>(std::bit_width(std::max<std::size_t>(rows, 2) - 1));
}

inline BitColumn RowNumbers(const Protocol& protocol, std::size_t rows) {
  std::vector<std::uint64_t> numbers(rows);
  for (std::size_t row = 0; row < rows; ++row) numbers[row] = row;
  return protocol.PublicBits(BitPlanes::FromIntegers(numbers, RowNumberBits(rows)));
}

}  // namespace care::mpc
