// mpc/protocol/replicated3/row_block.h
//
// Several columns of one block of rows as one span of words, the flat form: planes, then ring columns of one word an
// element, then those of two (ring_column.h). It is how blocks are masked and, with rings in exactly their widths
// (BlockWire in packed_rows.h), how they travel.
#pragma once

#include <cstdint>
#include <span>

namespace care::mpc {

// The public shape of a flat block.
struct BlockShape {
  std::size_t rows = 0;
  unsigned width = 0;       // of all planes
  unsigned rings = 0;       // of one word
  unsigned wide_rings = 0;  // of two

  std::size_t bit_words() const { return (rows + 63) / 64 * width; }
  std::size_t words() const { return bit_words() + rows * ring_words(); }
  std::size_t ring_words() const { return rings + 2 * std::size_t{wide_rings}; }  // of a row
  BlockShape WithRows(std::size_t other) const { return {other, width, rings, wide_rings}; }
};

// flat += summand, flat -= summand: by XOR for the planes, in their rings for the others.
void AddFlat(const BlockShape& shape, std::span<std::uint64_t> flat, std::span<const std::uint64_t> summand);
void SubtractFlat(const BlockShape& shape, std::span<std::uint64_t> flat, std::span<const std::uint64_t> summand);

}  // namespace care::mpc
