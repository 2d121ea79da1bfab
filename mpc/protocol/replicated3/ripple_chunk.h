// mpc/protocol/replicated3/ripple_chunk.h
//
// A chunk of comparisons on its way through the bits of the compared rows (compare_rows.cc).
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "mpc/share/bit_rows.h"

namespace care::mpc {

struct RippleChunk {
  std::span<const RowPair> pairs;
  std::uint32_t number = 0;
  std::vector<std::span<const std::uint64_t>> left;  // a tile each (BitRows::GatherLeft)
  std::vector<std::uint64_t> right;                  // tile after tile
  std::vector<std::uint64_t> borrow[2];    // by part
  std::vector<std::uint64_t> product[2];   // of the bit that is under way

  std::size_t words() const { return (pairs.size() + 63) / 64; }
};

}  // namespace care::mpc
