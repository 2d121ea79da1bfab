#include "mpc/relational/neighbours.h"

#include <vector>

#include "mpc/share/ring_elements.h"

namespace care::mpc {

RingColumn PublicZeroes(const Protocol& protocol, std::size_t rows) {
  return protocol.PublicRing(std::vector<std::uint64_t>(rows, 0));
}

RingColumn PublicElements(const Protocol& protocol, std::size_t rows, std::uint64_t value, unsigned ring_width) {
  const unsigned words = RingWords(ring_width);
  std::vector<std::uint64_t> elements(rows * words);
  for (std::size_t row = 0; row < rows; ++row) elements[row * words] = value;
  return protocol.PublicRing(elements, ring_width);
}

BitColumn PublicZeroes(const Protocol& protocol, std::size_t rows, unsigned width) {
  return protocol.PublicBits(BitPlanes(rows, width));
}

RingColumn SubtractNeighbours(const Protocol& protocol, const RingColumn& column) {
  if (column.rows() == 0) return column;
  const RingColumn zero = PublicElements(protocol, 1, 0, column.width());
  const RingColumn before = column.Rows(0, column.rows() - 1);
  return protocol.Subtract(column, RingColumn::JoinRows({&zero, &before}));
}

RingColumn SumsBefore(const RingColumn& column) {
  // Sums of shares are shares of sums, in every protocol: part by part, in one pass.
  RingColumn sums(column.rows() + 1, column.part_count(), column.width());
  WithElements(column.width(), [&](auto elements) {
    for (unsigned i = 0; i < column.part_count(); ++i) {
      auto sum = elements.Of(0);
      for (std::size_t row = 0; row < column.rows(); ++row) {
        sum += elements.Get(column.part(i).data(), row);
        elements.Set(sums.part(i).data(), row + 1, sum);
      }
    }
  });
  return sums;
}

BitColumn XorNeighbours(const Protocol& protocol, const BitColumn& column) {
  if (column.rows() == 0) return column;
  const BitColumn zero = PublicZeroes(protocol, 1, column.width());
  const BitColumn before = column.Rows(0, column.rows() - 1);
  return protocol.Xor(column, BitColumn::JoinRows({&zero, &before}));
}

}  // namespace care::mpc
