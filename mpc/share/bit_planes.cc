#include "mpc/share/bit_planes.h"

#include <algorithm>

#include "engine/types/check.h"
#include "mpc/kernel/kernels.h"

namespace care::mpc {
namespace {

constexpr std::size_t kBlocks = 8;  // words in a cache line

std::uint64_t LowBits(std::size_t count) {
  return count >= 64 ? ~std::uint64_t{0} : (std::uint64_t{1} << count) - 1;
}

// Copies `count` bits from bit `first` of `in` to the front of `out`, zeroing the rest of the last word.
void CopyBitsToFront(std::span<const std::uint64_t> in, std::size_t first, std::size_t count,
                     std::span<std::uint64_t> out) {
  const std::size_t skip = first / 64;
  const unsigned shift = first % 64;
  const std::size_t words = (count + 63) / 64;
  if (words == 0) return;
  if (shift == 0) {
    std::copy_n(in.begin() + skip, words, out.begin());
  } else {
    const std::size_t pairs = std::min(words, in.size() - skip - 1);  // words with a successor
    for (std::size_t k = 0; k < pairs; ++k) out[k] = in[skip + k] >> shift | in[skip + k + 1] << (64 - shift);
    if (pairs < words) out[pairs] = in[skip + pairs] >> shift;
  }
  if (count % 64 != 0) out[words - 1] &= LowBits(count % 64);
}

// Appends the first `count` bits of `in` to `out`, which holds `used` bits and zeroes after them.
void AppendBits(std::span<const std::uint64_t> in, std::size_t count, std::span<std::uint64_t> out,
                std::size_t used) {
  const std::size_t skip = used / 64;
  const unsigned shift = used % 64;
  const std::size_t words = (count + 63) / 64;
  for (std::size_t k = 0; k < words; ++k) {
    const std::uint64_t word = in[k] & LowBits(count - 64 * k);
    out[skip + k] |= word << shift;
    if (shift != 0 && skip + k + 1 < out.size()) out[skip + k + 1] |= word >> (64 - shift);
  }
}

}  // namespace

// Eight blocks of 64 rows at a time, so that each plane is read or written by whole cache lines: planes are
// often a power of two apart, and then all 64 of them compete for the same few lines.
void BitPlanes::ToRows(std::span<std::uint64_t> rows, std::size_t stride) const {
  const auto transpose = BestKernels().transpose;
  alignas(64) std::uint64_t blocks[kBlocks][64];
  for (unsigned group = 0; group * 64 < width_; ++group) {
    const unsigned planes = std::min(64u, width_ - group * 64);
    for (auto& block : blocks) std::fill(block + planes, block + 64, 0);
    for (std::size_t word = 0; word < words_per_plane_; word += kBlocks) {
      const std::size_t count = std::min(kBlocks, words_per_plane_ - word);
      for (unsigned p = 0; p < planes; ++p) {
        const std::uint64_t* plane = words_.data() + (group * 64 + p) * words_per_plane_ + word;
        for (std::size_t j = 0; j < count; ++j) blocks[j][p] = plane[j];
      }
      for (std::size_t j = 0; j < count; ++j) {
        alignas(64) std::uint64_t block[64];
        transpose(blocks[j], block);
        const std::size_t first = (word + j) * 64;
        const std::size_t last = std::min<std::size_t>(rows_, first + 64);
        for (std::size_t row = first; row < last; ++row) rows[row * stride + group] = block[row - first];
      }
    }
  }
}

BitPlanes BitPlanes::FromRows(std::span<const std::uint64_t> rows, std::size_t stride, std::size_t row_count,
                              unsigned width) {
  BitPlanes result(row_count, width);
  const auto rows_to_planes = BestKernels().rows_to_planes;
  constexpr std::size_t kRows = Kernels::kRowsAtOnce;
  static_assert(kRows == 64 * kBlocks);
  alignas(64) std::uint64_t some[kRows], lines[64 * kBlocks];
  for (unsigned group = 0; group * 64 < width; ++group) {
    const unsigned planes = std::min(64u, width - group * 64);
    std::uint64_t* out = result.words_.data() + group * 64 * result.words_per_plane_;
    for (std::size_t first = 0; first < row_count; first += kRows, out += kBlocks) {
      const std::size_t count = std::min(kRows, row_count - first);
      const std::uint64_t* from = rows.data() + first * stride + group;
      if (stride != 1 || count < kRows) {
        for (std::size_t row = 0; row < count; ++row) some[row] = from[row * stride];
        std::fill(some + count, some + kRows, 0);
        from = some;
      }
      const std::size_t words = (count + 63) / 64;
      if (words == kBlocks) {
        rows_to_planes(from, planes, out, result.words_per_plane_);
        continue;
      }
      rows_to_planes(from, planes, lines, kBlocks);
      for (unsigned p = 0; p < planes; ++p) {
        std::copy_n(lines + p * kBlocks, words, out + p * result.words_per_plane_);
      }
    }
  }
  return result;
}

BitPlanes BitPlanes::FromIntegers(std::span<const std::uint64_t> values, unsigned width) {
  CARE_CHECK(width <= 64);
  return FromRows(values, 1, values.size(), width);
}

std::vector<std::uint64_t> BitPlanes::ToIntegers() const {
  CARE_CHECK(width_ <= 64);
  std::vector<std::uint64_t> values(rows_);
  ToRows(values, 1);
  return values;
}

BitPlanes BitPlanes::Planes(unsigned first, unsigned count) const {
  CARE_CHECK(first <= width_ && count <= width_ - first);
  BitPlanes result(rows_, count);
  std::copy_n(words_.begin() + first * words_per_plane_, count * words_per_plane_, result.words_.begin());
  return result;
}

BitPlanes BitPlanes::Rows(std::size_t first, std::size_t count) const {
  CARE_CHECK(first <= rows_ && count <= rows_ - first);
  BitPlanes result(count, width_);
  for (unsigned p = 0; p < width_; ++p) CopyBitsToFront(plane(p), first, count, result.plane(p));
  return result;
}

BitPlanes BitPlanes::JoinPlanes(std::span<const BitPlanes* const> low_to_high) {
  if (low_to_high.empty()) return BitPlanes();
  unsigned width = 0;
  for (const BitPlanes* piece : low_to_high) {
    CARE_CHECK(piece->rows_ == low_to_high[0]->rows_);
    width += piece->width_;
  }
  BitPlanes result(low_to_high[0]->rows_, width);
  auto out = result.words_.begin();
  for (const BitPlanes* piece : low_to_high) out = std::copy(piece->words_.begin(), piece->words_.end(), out);
  return result;
}

BitPlanes BitPlanes::JoinRows(std::span<const BitPlanes* const> first_to_last) {
  if (first_to_last.empty()) return BitPlanes();
  std::size_t rows = 0;
  for (const BitPlanes* piece : first_to_last) {
    CARE_CHECK(piece->width_ == first_to_last[0]->width_);
    rows += piece->rows_;
  }
  BitPlanes result(rows, first_to_last[0]->width_);
  for (unsigned p = 0; p < result.width_; ++p) {
    std::size_t used = 0;
    for (const BitPlanes* piece : first_to_last) {
      AppendBits(piece->plane(p), piece->rows_, result.plane(p), used);
      used += piece->rows_;
    }
  }
  return result;
}

void BitPlanes::ClearPastLastRow() {
  if (rows_ % 64 == 0) return;
  for (unsigned p = 0; p < width_; ++p) plane(p).back() &= LowBits(rows_ % 64);
}

}  // namespace care::mpc
