// mpc/share/ring_column.h
//
// A column of integers modulo 2^width, shared additively: one party's part of it. Sums are free and wrap, so
// whoever computes with one proves that what is opened or compared lies within its width. The default is 64
// bits, for sums of an owner's values; positions and counts take as many bits as they need (RingWidthFor),
// because every element travels in exactly that many; sums of products take up to 128.
//
// In memory an element is a word whose bits above the width are unspecified, and two words, the low one first, if it
// has more than 64 bits (ring_elements.h). Clear values go in and out of a protocol in the same form. part(i) is
// words, not rows: what moves rows uses Rows, JoinRows and Gather.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace care::mpc {

inline constexpr unsigned kDefaultRing = 64;
inline constexpr unsigned kWidestRing = 128;

// Words of an element.
constexpr unsigned RingWords(unsigned width) { return width > 64 ? 2 : 1; }

// Enough for positions below `count`, for counts up to it, and for a sign.
constexpr unsigned RingWidthFor(std::uint64_t count) {
  const unsigned bits = static_cast<unsigned>(std::bit_width(count)) + 1;
  return bits < kDefaultRing ? bits : kDefaultRing;
}

class RingColumn {
 public:
  RingColumn() = default;
  RingColumn(std::size_t rows, unsigned parts, unsigned width = kDefaultRing)
      : parts_(parts, std::vector<std::uint64_t>(rows * RingWords(width))), width_(width) {}
  explicit RingColumn(std::vector<std::vector<std::uint64_t>> parts, unsigned width = kDefaultRing)
      : parts_(std::move(parts)), width_(width) {}

  std::size_t rows() const { return parts_.empty() ? 0 : parts_[0].size() / words_per_row(); }
  unsigned width() const { return width_; }
  unsigned words_per_row() const { return RingWords(width_); }
  unsigned part_count() const { return static_cast<unsigned>(parts_.size()); }
  std::vector<std::uint64_t>& part(unsigned i) { return parts_[i]; }
  const std::vector<std::uint64_t>& part(unsigned i) const { return parts_[i]; }

  RingColumn Rows(std::size_t first, std::size_t count) const;
  static RingColumn JoinRows(const std::vector<const RingColumn*>& first_to_last);  // equal widths
  // Row i of the result is row source[i]; rows may repeat.
  RingColumn Gather(std::span<const std::uint32_t> source) const;
  // The same values modulo a smaller power of two.
  RingColumn Narrowed(unsigned width) const;

 private:
  std::vector<std::vector<std::uint64_t>> parts_;
  unsigned width_ = kDefaultRing;
};

}  // namespace care::mpc
