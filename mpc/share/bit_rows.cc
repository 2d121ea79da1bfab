#include "mpc/share/bit_rows.h"

#include <algorithm>
#include <array>

#include "engine/types/check.h"
#include "mpc/kernel/kernels.h"

namespace care::mpc {
namespace {

constexpr std::size_t kBlock = 64;
constexpr std::size_t kPrefetchAhead = 16;

}  // namespace

BitRows::BitRows(const BitColumn& column)
    : rows_(column.rows()),
      width_(column.width()),
      parts_(column.part_count()),
      stride_((width_ + 63) / 64),
      words_(rows_ * stride_ * parts_) {
  if (words_.empty()) return;
  for (unsigned part = 0; part < parts_; ++part) {
    column.part(part).ToRows(std::span(words_).subspan(part * stride_), stride_ * parts_);
  }
}

BitColumn BitRows::Gather(std::span<const std::uint32_t> source) const {
  BitColumn result(source.size(), width_, parts_);
  if (width_ == 0 || source.empty()) return result;
  const std::size_t row_words = stride_ * parts_;
  constexpr std::size_t kBlockRows = 64 * kBlock;  // stay in the first caches until they are planes
  std::vector<std::uint64_t> block(std::min(kBlockRows, source.size()) * row_words);
  for (std::size_t first = 0; first < source.size(); first += kBlockRows) {
    const std::size_t count = std::min(kBlockRows, source.size() - first);
    for (std::size_t i = 0; i < count; ++i) {
      const std::size_t ahead = std::min(first + i + kPrefetchAhead, source.size() - 1);
      __builtin_prefetch(row(source[ahead]));
      std::copy_n(row(source[first + i]), row_words, block.data() + i * row_words);
    }
    for (unsigned part = 0; part < parts_; ++part) {
      const BitPlanes planes =
          BitPlanes::FromRows(std::span(block).subspan(part * stride_), row_words, count, width_);
      for (unsigned p = 0; p < width_; ++p) {
        std::copy_n(planes.plane(p).begin(), planes.words_per_plane(),
                    result.part(part).plane(p).begin() + static_cast<std::ptrdiff_t>(first / 64));
      }
    }
  }
  return result;
}

BitRows BitRows::Reordered(std::span<const std::uint32_t> source) const {
  BitRows result;
  result.rows_ = source.size();
  result.width_ = width_;
  result.parts_ = parts_;
  result.stride_ = stride_;
  const std::size_t row_words = stride_ * parts_;
  result.words_.resize(source.size() * row_words);
  for (std::size_t i = 0; i < source.size(); ++i) {
    __builtin_prefetch(row(source[std::min(i + kPrefetchAhead, source.size() - 1)]));
    std::copy_n(row(source[i]), row_words, result.words_.data() + i * row_words);
  }
  return result;
}

void BitRows::GatherRight(std::span<const RowPair> pairs, std::span<std::uint64_t> tile) const {
  GatherTile(pairs, Side::kRight, tile);
}

std::span<const std::uint64_t> BitRows::GatherLeft(std::size_t number, std::span<const RowPair> pairs) {
  if (number >= left_tiles_.size()) left_tiles_.resize(number + 1);
  KeptTile& tile = left_tiles_[number];
  if (!std::ranges::equal(tile.rows, pairs, {}, {}, &RowPair::left)) {
    tile.rows.resize(pairs.size());
    std::ranges::transform(pairs, tile.rows.begin(), &RowPair::left);
    tile.words.resize(tile_size());
    GatherTile(pairs, Side::kLeft, tile.words);
  }
  return tile.words;
}

void BitRows::GatherTile(std::span<const RowPair> pairs, Side side, std::span<std::uint64_t> out) const {
  CARE_CHECK(pairs.size() <= kTilePairs && out.size() >= tile_size());
  for (std::size_t first = 0, word = 0; first < pairs.size(); first += kBlock, ++word) {
    const std::size_t ahead = std::min(first + kBlock, pairs.size());
    for (std::size_t i = ahead; i < std::min(ahead + kBlock, pairs.size()); ++i) {
      __builtin_prefetch(row(side == Side::kLeft ? pairs[i].left : pairs[i].right));
    }
    GatherWord(pairs.subspan(first, ahead - first), side, out.data() + word);
  }
}

// One word of each plane.
void BitRows::GatherWord(std::span<const RowPair> pairs, Side side, std::uint64_t* out) const {
  std::array<const std::uint64_t*, kBlock> rows;
  for (std::size_t i = 0; i < pairs.size(); ++i) {
    rows[i] = row(side == Side::kLeft ? pairs[i].left : pairs[i].right);
  }
  const auto given = std::span(rows).first(pairs.size());
  if (given.size() == kBlock && std::ranges::all_of(given, [&](const auto* other) { return other == rows[0]; })) {
    // A splitter with which all of them compare.
    for (unsigned part = 0; part < parts_; ++part) {
      for (unsigned p = 0; p < width_; ++p, out += kTileStride) {
        *out = 0 - (rows[0][part * stride_ + p / 64] >> (p % 64) & 1);
      }
    }
    return;
  }
  for (unsigned part = 0; part < parts_; ++part) {
    for (std::size_t word = 0; word < stride_; ++word) {
      std::uint64_t block[kBlock];
      for (std::size_t i = 0; i < given.size(); ++i) block[i] = given[i][part * stride_ + word];
      std::fill(block + given.size(), block + kBlock, 0);
      BestKernels().transpose(block, block);
      const unsigned planes = std::min<unsigned>(64, width_ - static_cast<unsigned>(64 * word));
      for (unsigned p = 0; p < planes; ++p, out += kTileStride) *out = block[p];
    }
  }
}

}  // namespace care::mpc
