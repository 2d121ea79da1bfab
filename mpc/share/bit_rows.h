// mpc/share/bit_rows.h
//
// One party's part of a BitColumn turned row-major: for fetching many rows in any public order, and any row
// many times, as sorting does. All parts of a row lie together, for they are wanted together. A copy; it does
// not follow the column.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "mpc/share/bit_column.h"

namespace care::mpc {

// Two rows to compare.
struct RowPair {
  std::uint32_t left = 0;
  std::uint32_t right = 0;
};

class BitRows {
 public:
  explicit BitRows(const BitColumn& column);

  std::size_t rows() const { return rows_; }
  unsigned width() const { return width_; }
  unsigned part_count() const { return parts_; }

  // Row i of the result is row source[i]; rows may repeat.
  BitColumn Gather(std::span<const std::uint32_t> source) const;

  // As Gather, but stays row-major.
  BitRows Reordered(std::span<const std::uint32_t> source) const;

  // Rows of pairs as planes in a small tile: word k of bit p of a part is tile[(part * width + p) * kTileStride + k],
  // and stands for pairs 64 k to 64 k + 63. At most kTilePairs; what is missing of the last word's pairs is zero.
  static constexpr std::size_t kTileWords = 64;
  static constexpr std::size_t kTileStride = kTileWords + 8;  // a power of two would share few sets of a cache
  static constexpr std::size_t kTilePairs = 64 * kTileWords;
  std::size_t tile_size() const { return parts_ * width_ * kTileStride; }
  void GatherRight(std::span<const RowPair> pairs, std::span<std::uint64_t> tile) const;
  // The tile is kept under its number: the next batch of a sort mostly asks about the same left rows again.
  std::span<const std::uint64_t> GatherLeft(std::size_t number, std::span<const RowPair> pairs);

 private:
  BitRows() = default;
  enum class Side : bool { kLeft, kRight };
  struct KeptTile {
    std::vector<std::uint32_t> rows;
    std::vector<std::uint64_t> words;
  };
  void GatherTile(std::span<const RowPair> pairs, Side side, std::span<std::uint64_t> tile) const;
  void GatherWord(std::span<const RowPair> pairs, Side side, std::uint64_t* out) const;
  const std::uint64_t* row(std::uint32_t number) const { return words_.data() + number * stride_ * parts_; }

  std::size_t rows_ = 0;
  unsigned width_ = 0;
  unsigned parts_ = 0;
  std::size_t stride_ = 0;  // words of one part of a row
  std::vector<std::uint64_t> words_;
  std::vector<KeptTile> left_tiles_;
};

}  // namespace care::mpc
