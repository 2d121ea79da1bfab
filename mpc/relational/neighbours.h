// mpc/relational/neighbours.h
//
// Differences of neighbouring rows, the inverse of prefix sums. Local: no rounds, no traffic.
#pragma once

#include "mpc/protocol/protocol.h"

namespace care::mpc {

// Row i becomes row i minus (XOR) row i - 1; row 0 stays.
RingColumn SubtractNeighbours(const Protocol& protocol, const RingColumn& column);
BitColumn XorNeighbours(const Protocol& protocol, const BitColumn& column);

// One row more than the column: row i is the sum of the rows before i.
RingColumn SumsBefore(const RingColumn& column);

RingColumn PublicZeroes(const Protocol& protocol, std::size_t rows);
// Every row the same public value.
RingColumn PublicElements(const Protocol& protocol, std::size_t rows, std::uint64_t value, unsigned ring_width);
BitColumn PublicZeroes(const Protocol& protocol, std::size_t rows, unsigned width);

}  // namespace care::mpc
