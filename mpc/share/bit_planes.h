// mpc/share/bit_planes.h
//
// A matrix of bits in the clear, n rows by w bits, stored as w planes of ceil(n/64) words: bit i of plane p
// is bit p (0 = least significant) of row i. Bits are bits: a flag costs one bit a row, and one machine word
// works on 64 rows. A share of a BitColumn has this layout too. Bits past the last row are unspecified.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace care::mpc {

class BitPlanes {
 public:
  BitPlanes() = default;
  BitPlanes(std::size_t rows, unsigned width)
      : rows_(rows), width_(width), words_per_plane_((rows + 63) / 64), words_(words_per_plane_ * width) {}

  std::size_t rows() const { return rows_; }
  unsigned width() const { return width_; }
  std::size_t words_per_plane() const { return words_per_plane_; }

  std::span<std::uint64_t> words() { return words_; }
  std::span<const std::uint64_t> words() const { return words_; }
  std::span<std::uint64_t> plane(unsigned p) {
    return {words_.data() + p * words_per_plane_, words_per_plane_};
  }
  std::span<const std::uint64_t> plane(unsigned p) const {
    return {words_.data() + p * words_per_plane_, words_per_plane_};
  }

  bool Get(std::size_t row, unsigned p) const { return (plane(p)[row / 64] >> (row % 64)) & 1; }
  void Set(std::size_t row, unsigned p, bool bit) {
    std::uint64_t& word = plane(p)[row / 64];
    const std::uint64_t mask = std::uint64_t{1} << (row % 64);
    word = bit ? word | mask : word & ~mask;
  }

  // Whole rows as integers, w <= 64: by 64 x 64 bit transposes.
  static BitPlanes FromIntegers(std::span<const std::uint64_t> values, unsigned width);
  std::vector<std::uint64_t> ToIntegers() const;

  // Slices and joins; bits past the last row of the result are zero after Rows and JoinRows.
  BitPlanes Planes(unsigned first, unsigned count) const;
  BitPlanes Rows(std::size_t first, std::size_t count) const;
  static BitPlanes JoinPlanes(std::span<const BitPlanes* const> low_to_high);  // equal rows
  static BitPlanes JoinRows(std::span<const BitPlanes* const> first_to_last);  // equal widths

  // Zeroes the bits past the last row, which may hold what nobody meant to show: do it before a plane
  // leaves the process in the clear.
  void ClearPastLastRow();

  // Row-major: each row as ceil(w/64) words, for gathering whole rows. `stride` words from row to row.
  void ToRows(std::span<std::uint64_t> rows, std::size_t stride) const;
  static BitPlanes FromRows(std::span<const std::uint64_t> rows, std::size_t stride, std::size_t row_count,
                            unsigned width);

 private:
  std::size_t rows_ = 0;
  unsigned width_ = 0;
  std::size_t words_per_plane_ = 0;
  std::vector<std::uint64_t> words_;
};

}  // namespace care::mpc
