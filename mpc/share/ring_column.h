// mpc/share/ring_column.h
//
// A column of integers modulo 2^64, shared additively: one party's part of it. Sums are free and wrap, so
// the planner proves that every value that is opened or compared lies within 63 bits and a sign.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace care::mpc {

class RingColumn {
 public:
  RingColumn() = default;
  RingColumn(std::size_t rows, unsigned parts) : parts_(parts, std::vector<std::uint64_t>(rows)) {}
  explicit RingColumn(std::vector<std::vector<std::uint64_t>> parts) : parts_(std::move(parts)) {}

  std::size_t rows() const { return parts_.empty() ? 0 : parts_[0].size(); }
  unsigned part_count() const { return static_cast<unsigned>(parts_.size()); }
  std::vector<std::uint64_t>& part(unsigned i) { return parts_[i]; }
  const std::vector<std::uint64_t>& part(unsigned i) const { return parts_[i]; }

  RingColumn Rows(std::size_t first, std::size_t count) const;
  static RingColumn JoinRows(const std::vector<const RingColumn*>& first_to_last);

 private:
  std::vector<std::vector<std::uint64_t>> parts_;
};

}  // namespace care::mpc
