// mpc/protocol/replicated3/ripple_chunk.h
//
// A chunk of comparisons on its way through the bits of the compared rows (compare_rows.cc).
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace care::mpc {

struct RippleChunk {
  // Plane p of both parts of a side at p * stride (PairReader).
  std::vector<std::uint64_t> left, right;
  std::vector<std::uint16_t> right_groups;
  std::vector<std::uint64_t> borrow[2];   // by part
  std::vector<std::uint64_t> product[2];  // of the bit that is under way
};

}  // namespace care::mpc
