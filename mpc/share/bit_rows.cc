#include "mpc/share/bit_rows.h"

#include <algorithm>

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

}  // namespace care::mpc
