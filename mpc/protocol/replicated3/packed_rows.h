// mpc/protocol/replicated3/packed_rows.h
//
// One party's words for a block of columns, row after row, so that a permutation moves each row once: one
// cache miss where gathering column by column costs one a column. Bits of a row are padded to whole words;
// only the flat form (row_block.h: planes, then ring columns) travels, at exactly a row's width.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "mpc/protocol/protocol.h"
#include "mpc/protocol/replicated3/row_block.h"

namespace care::mpc {

// The shape of a block; all columns must have the same rows.
BlockShape ShapeOfColumns(const Protocol::Columns& columns);

class PackedRows {
 public:
  PackedRows() = default;
  explicit PackedRows(const BlockShape& shape);

  // One part of each column, or the sum (XOR) of both.
  static PackedRows FromPart(const Protocol::Columns& columns, unsigned part);
  static PackedRows FromBothParts(const Protocol::Columns& columns);
  static PackedRows FromFlat(const BlockShape& shape, std::span<const std::uint64_t> flat);
  std::vector<std::uint64_t> ToFlat() const;

  const BlockShape& shape() const { return shape_; }
  std::span<std::uint64_t> words() { return words_; }

  // Adds or takes away (XOR for the bits) as many words as this holds.
  void Add(std::span<const std::uint64_t> mask);
  void Subtract(std::span<const std::uint64_t> mask);

  // Row i of the result is row source[i].
  PackedRows Gather(std::span<const std::uint32_t> source) const;

 private:
  std::size_t bit_stride() const { return (shape_.width + 63) / 64; }
  std::size_t stride() const { return bit_stride() + shape_.rings; }

  BlockShape shape_;
  std::vector<std::uint64_t> words_;
};

}  // namespace care::mpc
