// mpc/share/bit_rows.h
//
// One party's part of a BitColumn turned row-major: for fetching many rows in any public order, and any row
// many times, as sorting does. A copy; it does not follow the column.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "mpc/share/bit_column.h"

namespace care::mpc {

class BitRows {
 public:
  explicit BitRows(const BitColumn& column);

  std::size_t rows() const { return rows_; }
  unsigned width() const { return width_; }

  // Row i of the result is row source[i]; rows may repeat.
  BitColumn Gather(std::span<const std::uint32_t> source) const;

 private:
  std::size_t rows_;
  unsigned width_;
  std::size_t stride_;  // words a row
  std::vector<std::vector<std::uint64_t>> parts_;
};

}  // namespace care::mpc
