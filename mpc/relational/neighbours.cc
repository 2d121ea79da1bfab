#include "mpc/relational/neighbours.h"

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

BitColumn XorNeighbours(const Protocol& protocol, const BitColumn& column) {
  if (column.rows() == 0) return column;
  const BitColumn zero = PublicZeroes(protocol, 1, column.width());
  const BitColumn before = column.Rows(0, column.rows() - 1);
  return protocol.Xor(column, BitColumn::JoinRows({&zero, &before}));
}

}  // namespace care::mpc
