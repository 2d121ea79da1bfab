// mpc/share/compared_rows.h
//
// One party's part of a BitColumn while it is sorted by comparisons: rows that move about in public orders, and whose
// comparisons are asked for in runs of consecutive rows with one other row each. The bits of all parts of a row lie
// side by side, cut into words, and each word of all rows is a column: what a run needs is contiguous, and becomes
// planes without being gathered. A copy; it does not follow the column.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>
#include <vector>

#include "mpc/share/bit_column.h"

namespace care::mpc {

struct RowSplit;

// Rows first .. first + count - 1, each compared with row `with`.
struct RowRun {
  std::uint32_t first = 0;
  std::uint32_t count = 0;
  std::uint32_t with = 0;
};

std::size_t PairCount(std::span<const RowRun> runs);

class ComparedRows {
 public:
  explicit ComparedRows(const BitColumn& column);

  std::size_t rows() const { return rows_; }
  unsigned width() const { return width_; }
  unsigned part_count() const { return parts_; }
  // Of all parts: plane p of part i is plane i * width() + p.
  unsigned planes() const { return parts_ * width_; }

  // Row first + i becomes what row source[i] was; the sources are these same rows.
  void Reorder(std::size_t first, std::span<const std::uint32_t> source);

  void Split(const RowSplit& split);

  // Planes first .. first + count - 1 of every part, in the order of the rows now.
  BitColumn Column(unsigned first, unsigned count) const;

  // Both sides of all pairs.
  std::pair<BitColumn, BitColumn> Gather(std::span<const RowRun> runs) const;

 private:
  friend class PairReader;
  unsigned words() const { return (planes() + 63) / 64; }  // of a row
  const std::uint64_t* word(unsigned w) const { return words_.data() + w * rows_; }

  std::size_t rows_ = 0;
  unsigned width_ = 0;
  unsigned parts_ = 0;
  std::vector<std::uint64_t> words_;
  std::vector<std::uint64_t> moved_;  // of Reorder and Split
};

// The pairs of runs, one after the other, as planes.
class PairReader {
 public:
  // Both are borrowed.
  PairReader(const ComparedRows& rows, std::span<const RowRun> runs) : rows_(rows), runs_(runs) {}

  // The next `pairs`: word k of plane p of the left side is left[p * stride + k], and stands for pairs 64 k to 64 k + 63.
  // The right side is groups of words, too, each of which may stand for many: those of left group g are right group
  // right_groups[g]. Whole groups are written, of which what no pair is left for is unspecified.
  static constexpr std::size_t kGroupWords = 8;
  static constexpr std::size_t kGroupPairs = 64 * kGroupWords;
  void Read(std::size_t pairs, std::uint64_t* left, std::uint64_t* right, std::uint16_t* right_groups,
            std::size_t stride);

 private:
  // The runs, and parts of runs, of the next pairs.
  void FindPieces(std::size_t pairs);
  void ReadLeft(std::size_t pairs, std::uint64_t* out, std::size_t stride) const;
  void ReadRight(std::uint64_t* out, std::size_t stride) const;

  const ComparedRows& rows_;
  const std::span<const RowRun> runs_;
  std::size_t run_ = 0;       // that the next pair is of
  std::uint32_t in_run_ = 0;  // pairs of it that are read
  struct Piece {
    std::size_t run;
    std::uint32_t first, count, with;
  };
  std::vector<Piece> pieces_;
};

}  // namespace care::mpc
