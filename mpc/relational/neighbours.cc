#include "mpc/relational/neighbours.h"

#include <numeric>
#include <vector>

namespace care::mpc {

RingColumn PublicZeroes(const Protocol& protocol, std::size_t rows) {
  return protocol.PublicRing(std::vector<std::uint64_t>(rows, 0));
}

BitColumn PublicZeroes(const Protocol& protocol, std::size_t rows, unsigned width) {
  return protocol.PublicBits(BitPlanes(rows, width));
}

RingColumn SubtractNeighbours(const Protocol& protocol, const RingColumn& column) {
  if (column.rows() == 0) return column;
  const RingColumn zero = PublicZeroes(protocol, 1);
  const RingColumn before = column.Rows(0, column.rows() - 1);
  return protocol.Subtract(column, RingColumn::JoinRows({&zero, &before}));
}

RingColumn SumsBefore(const RingColumn& column) {
  // Sums of shares are shares of sums, in every protocol: part by part, in one pass.
  RingColumn sums(column.rows() + 1, column.part_count(), column.width());
  for (unsigned i = 0; i < column.part_count(); ++i) {
    std::partial_sum(column.part(i).begin(), column.part(i).end(), sums.part(i).begin() + 1);
  }
  return sums;
}

BitColumn XorNeighbours(const Protocol& protocol, const BitColumn& column) {
  if (column.rows() == 0) return column;
  const BitColumn zero = PublicZeroes(protocol, 1, column.width());
  const BitColumn before = column.Rows(0, column.rows() - 1);
  return protocol.Xor(column, BitColumn::JoinRows({&zero, &before}));
}

}  // namespace care::mpc
