#include "mpc/share/bit_rows.h"

#include <algorithm>

#include "engine/types/check.h"

namespace care::mpc {
namespace {

constexpr std::size_t kBlockRows = 4096;      // gathered rows stay in the first caches until they are planes
constexpr std::size_t kPrefetchAhead = 16;

}  // namespace

BitRows::BitRows(const BitColumn& column)
    : rows_(column.rows()), width_(column.width()), stride_((width_ + 63) / 64) {
  for (unsigned i = 0; i < column.part_count(); ++i) {
    std::vector<std::uint64_t>& words = parts_.emplace_back(rows_ * stride_);
    if (width_ > 0) column.part(i).ToRows(words, stride_);
  }
}

BitColumn BitRows::Gather(std::span<const std::uint32_t> source) const {
  BitColumn result(source.size(), width_, static_cast<unsigned>(parts_.size()));
  if (width_ == 0) return result;
  std::vector<std::uint64_t> block(std::min(kBlockRows, source.size()) * stride_);
  for (unsigned part = 0; part < parts_.size(); ++part) {
    const std::uint64_t* in = parts_[part].data();
    for (std::size_t first = 0; first < source.size(); first += kBlockRows) {
      const std::size_t count = std::min(kBlockRows, source.size() - first);
      for (std::size_t i = 0; i < count; ++i) {
        const std::size_t ahead = first + i + kPrefetchAhead;
        if (ahead < source.size()) __builtin_prefetch(in + source[ahead] * stride_);
        const std::uint64_t* row = in + source[first + i] * stride_;
        for (std::size_t w = 0; w < stride_; ++w) block[i * stride_ + w] = row[w];
      }
      const BitPlanes planes = BitPlanes::FromRows(block, stride_, count, width_);
      for (unsigned p = 0; p < width_; ++p) {
        std::copy_n(planes.plane(p).begin(), planes.words_per_plane(),
                    result.part(part).plane(p).begin() + static_cast<std::ptrdiff_t>(first / 64));
      }
    }
  }
  return result;
}

}  // namespace care::mpc
