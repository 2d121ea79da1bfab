// mpc/protocol/replicated3/row_block.h
//
// One party's share of several columns, turned row-major so that a permutation moves each row once: gathering
// a packed row costs one cache miss where gathering column by column costs one a column. On the wire and
// under masks the columns stay in flat form, planes and then ring columns: exactly a row's width.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace care::mpc {

// The public shape of a flat block: `width` bit planes, then `rings` columns of `rows` words.
struct BlockShape {
  std::size_t rows = 0;
  unsigned width = 0;
  unsigned rings = 0;

  std::size_t bit_words() const { return (rows + 63) / 64 * width; }
  std::size_t words() const { return bit_words() + rings * rows; }
  BlockShape WithRows(std::size_t other) const { return {other, width, rings}; }
};

// Row i of the result is row source[i] of `flat`; sources are below shape.rows.
std::vector<std::uint64_t> GatherRows(const BlockShape& shape, std::span<const std::uint64_t> flat,
                                      std::span<const std::uint32_t> source);

}  // namespace care::mpc
