// mpc/share/bit_column.h
//
// A column of w-bit values shared by XOR: one party's part of it. How many parts a party holds is the
// protocol's business (Plain: the value itself; Replicated3: its own share and the next party's), so
// only a Protocol looks inside. Values compare and mask in this form; sums need a RingColumn, and mixing
// the two does not compile.
#pragma once

#include <vector>

#include "mpc/share/bit_planes.h"

namespace care::mpc {

class BitColumn {
 public:
  BitColumn() = default;
  BitColumn(std::size_t rows, unsigned width, unsigned parts) : parts_(parts, BitPlanes(rows, width)) {}
  explicit BitColumn(std::vector<BitPlanes> parts) : parts_(std::move(parts)) {}

  std::size_t rows() const { return parts_.empty() ? 0 : parts_[0].rows(); }
  unsigned width() const { return parts_.empty() ? 0 : parts_[0].width(); }
  unsigned part_count() const { return static_cast<unsigned>(parts_.size()); }
  BitPlanes& part(unsigned i) { return parts_[i]; }
  const BitPlanes& part(unsigned i) const { return parts_[i]; }

  // Local rearrangements of public shape: the same for every protocol.
  BitColumn Planes(unsigned first, unsigned count) const;                         // a slice of the bits
  BitColumn Rows(std::size_t first, std::size_t count) const;                     // a slice of the rows
  static BitColumn JoinPlanes(const std::vector<const BitColumn*>& low_to_high);  // equal rows
  static BitColumn JoinRows(const std::vector<const BitColumn*>& first_to_last);  // equal widths

 private:
  std::vector<BitPlanes> parts_;
};

}  // namespace care::mpc
