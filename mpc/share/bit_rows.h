// mpc/share/bit_rows.h
//
// One party's part of a BitColumn turned row-major: for fetching many rows in any public order, and any row
// many times. All parts of a row lie together, for they are wanted together. A copy; it does not follow the column.
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
  unsigned part_count() const { return parts_; }

  // Row i of the result is row source[i]; rows may repeat.
  BitColumn Gather(std::span<const std::uint32_t> source) const;

 private:
  const std::uint64_t* row(std::uint32_t number) const { return words_.data() + number * stride_ * parts_; }

  std::size_t rows_ = 0;
  unsigned width_ = 0;
  unsigned parts_ = 0;
  std::size_t stride_ = 0;  // words of one part of a row
  std::vector<std::uint64_t> words_;
};

}  // namespace care::mpc
