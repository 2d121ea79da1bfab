// mpc/protocol/replicated3/packed_rows.h
//
// One party's words for a block of columns, row after row, so that a permutation moves each row once: one
// cache miss where gathering column by column costs one a column. Bits of a row are padded to whole words;
// only the flat form (row_block.h: planes, then ring columns) travels, at exactly a row's width.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "mpc/protocol/protocol.h"
#include "mpc/protocol/replicated3/raw_buffer.h"
#include "mpc/protocol/replicated3/row_block.h"

namespace care::mpc {

// The shape of a block; all columns must have the same rows.
BlockShape ShapeOfColumns(const Protocol::Columns& columns);
// Shares in the flat form as columns of the widths that `like` has, with `rows` rows.
Protocol::Columns ColumnsFromFlat(const std::array<std::vector<std::uint64_t>, 2>& parts, std::size_t rows,
                                  const Protocol::Columns& like);

// How a flat block of these columns, of any number of rows, travels: ring columns in exactly their widths
// (mpc/share/packed_words.h).
class BlockWire {
 public:
  explicit BlockWire(const Protocol::Columns& columns) : BlockWire(columns, ShapeOfColumns(columns).rows) {}
  BlockWire(const Protocol::Columns& columns, std::size_t rows);

  std::size_t words() const { return words_; }
  // Elements of whole words throughout: the block travels as it is.
  bool IsFlat() const { return flat_; }
  RawBuffer<std::uint64_t> Pack(std::span<const std::uint64_t> flat) const;
  RawBuffer<std::uint64_t> Unpack(RawBuffer<std::uint64_t> wire) const;

 private:
  BlockShape shape_;
  std::vector<unsigned> ring_widths_;  // in the flat form's order
  std::size_t words_ = 0;
  bool flat_ = true;
};

class PackedRows {
 public:
  PackedRows() = default;
  explicit PackedRows(const BlockShape& shape);  // of unspecified words

  // The words of one part of each column; of both parts added.
  static PackedRows FromPart(const Protocol::Columns& columns, unsigned part);
  static PackedRows FromBothParts(const Protocol::Columns& columns);
  static PackedRows FromFlat(const BlockShape& shape, RawBuffer<std::uint64_t> flat);
  RawBuffer<std::uint64_t> ToFlat() &&;

  const BlockShape& shape() const { return shape_; }
  std::span<std::uint64_t> words() { return words_.span(); }

  // Adds (XOR for the bits) or takes away the words of a block of the same shape.
  void Add(const PackedRows& other);
  void Subtract(const PackedRows& other);

  // Row i of the result is row source[i].
  PackedRows Gather(std::span<const std::uint32_t> source) const;
  // Adds row source[i] of `other` to row i.
  void AddGathered(const PackedRows& other, std::span<const std::uint32_t> source);

 private:
  std::size_t bit_stride() const { return (shape_.width + 63) / 64; }
  std::size_t one_word_end() const { return bit_stride() + shape_.rings; }
  std::size_t stride() const { return bit_stride() + shape_.ring_words(); }
  // A single ring column is packed as it is.
  bool IsFlat() const { return shape_.width == 0 && shape_.rings + shape_.wide_rings == 1; }

  BlockShape shape_;
  RawBuffer<std::uint64_t> words_;
};

}  // namespace care::mpc
