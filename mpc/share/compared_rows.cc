#include "mpc/share/compared_rows.h"

#include <algorithm>
#include <array>
#include <cstring>

#include "engine/types/check.h"
#include "mpc/kernel/kernels.h"
#include "mpc/share/row_split.h"

namespace care::mpc {
namespace {

constexpr std::size_t kGroupRows = PairReader::kGroupPairs;
constexpr std::size_t kGroupWords = PairReader::kGroupWords;
static_assert(kGroupRows == Kernels::kRowsAtOnce);

// Most runs are a few rows: they are copied some words too far rather than counted out.
constexpr std::size_t kSlack = 4;

std::uint64_t* CopyWords(const std::uint64_t* from, std::size_t count, std::uint64_t* to) {
  for (std::size_t i = 0; i < count; i += kSlack)
    std::memcpy(to + i, from + i, kSlack * sizeof(std::uint64_t));
  return to + count;
}
std::uint64_t* RepeatWord(std::uint64_t word, std::size_t count, std::uint64_t* to) {
  const std::array<std::uint64_t, kSlack> words = {word, word, word, word};
  for (std::size_t i = 0; i < count; i += kSlack) std::memcpy(to + i, words.data(), sizeof words);
  return to + count;
}

// Every bit of a plane is the same.
void FillPlanes(std::uint64_t row, unsigned planes, std::uint64_t* out, std::size_t stride) {
  for (unsigned p = 0; p < planes; ++p, out += stride) std::fill_n(out, kGroupWords, 0 - (row >> p & 1));
}

}  // namespace

std::size_t PairCount(std::span<const RowRun> runs) {
  std::size_t pairs = 0;
  for (const RowRun& run : runs) pairs += run.count;
  return pairs;
}

ComparedRows::ComparedRows(const BitColumn& column)
    : rows_(column.rows()),
      width_(column.width()),
      parts_(column.part_count()),
      words_(words() * rows_ + kSlack) {
  const auto transpose = BestKernels().transpose;
  alignas(64) std::uint64_t blocks[kGroupWords][64];
  for (unsigned w = 0; w < words(); ++w) {
    const unsigned count = std::min(64u, planes() - 64 * w);
    for (auto& block : blocks) std::fill(block + count, block + 64, 0);
    std::array<const std::uint64_t*, 64> plane;
    for (unsigned p = 0; p < count; ++p) {
      const unsigned number = 64 * w + p;
      plane[p] = column.part(number / width_).plane(number % width_).data();
    }
    std::uint64_t* out = words_.data() + w * rows_;
    for (std::size_t first = 0; first < rows_; first += kGroupRows) {
      const std::size_t used = (std::min(kGroupRows, rows_ - first) + 63) / 64;
      for (unsigned p = 0; p < count; ++p) {
        for (std::size_t j = 0; j < used; ++j) blocks[j][p] = plane[p][first / 64 + j];
      }
      for (std::size_t j = 0; j < used; ++j) {
        const std::size_t row = first + 64 * j;
        if (row + 64 <= rows_) {
          transpose(blocks[j], out + row);
        } else {
          transpose(blocks[j], blocks[j]);
          std::copy_n(blocks[j], rows_ - row, out + row);
        }
      }
    }
  }
}

void ComparedRows::Reorder(std::size_t first, std::span<const std::uint32_t> source) {
  CARE_CHECK(first + source.size() <= rows_);
  if (moved_.size() < source.size()) moved_.resize(source.size());
  for (unsigned w = 0; w < words(); ++w) {
    std::uint64_t* column = words_.data() + w * rows_;
    for (std::size_t i = 0; i < source.size(); ++i) moved_[i] = column[source[i]];
    std::copy_n(moved_.data(), source.size(), column + first);
  }
}

void ComparedRows::Split(const RowSplit& split) {
  for (unsigned w = 0; w < words(); ++w) {
    MoveSplit(split, words_.data() + w * rows_, moved_, BestKernels().split_words);
  }
}

BitColumn ComparedRows::Column(unsigned first, unsigned count) const {
  CARE_CHECK(first + count <= width_);
  BitColumn column(rows_, count, parts_);
  const auto rows_to_planes = BestKernels().rows_to_planes;
  std::array<std::uint64_t, kGroupRows> rest = {};
  std::array<std::uint64_t, 64 * kGroupWords> lines;
  for (std::size_t row = 0; row < rows_; row += kGroupRows) {
    const std::size_t some = std::min(kGroupRows, rows_ - row);
    for (unsigned w = 0; w < words(); ++w) {
      const std::uint64_t* from = word(w) + row;
      if (some < kGroupRows) from = std::copy_n(from, some, rest.data()) - some;
      rows_to_planes(from, 64, lines.data(), kGroupWords);
      for (unsigned p = 0; p < std::min(64u, planes() - 64 * w); ++p) {
        const unsigned part = (64 * w + p) / width_, plane = (64 * w + p) % width_;
        if (plane < first || plane >= first + count) continue;
        std::copy_n(lines.data() + p * kGroupWords, (some + 63) / 64,
                    column.part(part).plane(plane - first).data() + row / 64);
      }
    }
  }
  return column;
}

std::pair<BitColumn, BitColumn> ComparedRows::Gather(std::span<const RowRun> runs) const {
  const std::size_t pairs = PairCount(runs);
  std::pair<BitColumn, BitColumn> sides{BitColumn(pairs, width_, parts_), BitColumn(pairs, width_, parts_)};
  std::array<std::vector<std::uint64_t>, 2> lines;
  for (auto& side : lines) side.resize(planes() * kGroupWords);
  PairReader reader(*this, runs);
  for (std::size_t first = 0; first < pairs; first += kGroupRows) {
    const std::size_t some = std::min(kGroupRows, pairs - first);
    std::uint16_t only = 0;
    reader.Read(some, lines[0].data(), lines[1].data(), &only, kGroupWords);
    for (unsigned p = 0; p < planes(); ++p) {
      for (unsigned side = 0; side < 2; ++side) {
        BitColumn& out = side == 0 ? sides.first : sides.second;
        std::copy_n(lines[side].data() + p * kGroupWords, (some + 63) / 64,
                    out.part(p / width_).plane(p % width_).data() + first / 64);
      }
    }
  }
  return sides;
}

void PairReader::Read(std::size_t pairs, std::uint64_t* left, std::uint64_t* right,
                      std::uint16_t* right_groups, std::size_t stride) {
  std::uint16_t written = 0;  // groups of the right side
  const RowRun* before = nullptr;
  for (std::size_t done = 0; done < pairs; done += kGroupRows, left += kGroupWords) {
    const std::size_t some = std::min(kGroupRows, pairs - done);
    FindPieces(some);
    ReadLeft(some, left, stride);
    const RowRun* only = pieces_.size() == 1 ? &runs_[pieces_[0].run] : nullptr;
    // All of the group before are of this run, too.
    const bool again = only != nullptr && only == before;
    if (!again) ReadRight(right + kGroupWords * written++, stride);
    *right_groups++ = static_cast<std::uint16_t>(written - 1);
    before = only;
  }
}

void PairReader::FindPieces(std::size_t pairs) {
  pieces_.clear();
  for (std::size_t found = 0; found < pairs;) {
    CARE_CHECK(run_ < runs_.size());
    const RowRun& run = runs_[run_];
    const auto take = static_cast<std::uint32_t>(std::min<std::size_t>(pairs - found, run.count - in_run_));
    if (take > 0) pieces_.push_back({run_, run.first + in_run_, take, run.with});
    found += take;
    in_run_ += take;
    if (in_run_ == run.count) {
      ++run_;
      in_run_ = 0;
    }
  }
}

void PairReader::ReadLeft(std::size_t pairs, std::uint64_t* out, std::size_t stride) const {
  alignas(64) std::array<std::uint64_t, kGroupRows + kSlack> group;
  const bool consecutive = pieces_.size() == 1 && pairs == kGroupRows;
  for (unsigned w = 0; w < rows_.words(); ++w, out += 64 * stride) {
    const std::uint64_t* words = rows_.word(w);
    const std::uint64_t* from = words + pieces_[0].first;
    if (!consecutive) {
      std::uint64_t* next = group.data();
      for (const Piece& piece : pieces_) next = CopyWords(words + piece.first, piece.count, next);
      std::fill(next, group.data() + kGroupRows, 0);
      from = group.data();
    }
    BestKernels().rows_to_planes(from, std::min(64u, rows_.planes() - 64 * w), out, stride);
  }
}

void PairReader::ReadRight(std::uint64_t* out, std::size_t stride) const {
  alignas(64) std::array<std::uint64_t, kGroupRows + kSlack> group;
  for (unsigned w = 0; w < rows_.words(); ++w, out += 64 * stride) {
    const std::uint64_t* words = rows_.word(w);
    const unsigned planes = std::min(64u, rows_.planes() - 64 * w);
    if (pieces_.size() == 1) {
      FillPlanes(words[pieces_[0].with], planes, out, stride);
      continue;
    }
    std::uint64_t* next = group.data();
    for (const Piece& piece : pieces_) next = RepeatWord(words[piece.with], piece.count, next);
    std::fill(next, group.data() + kGroupRows, 0);
    BestKernels().rows_to_planes(group.data(), planes, out, stride);
  }
}

}  // namespace care::mpc
