// mpc/relational/compare.h
//
// Equality, order and selection on bit columns: what filters, thresholds and CASE are made of. Values are
// unsigned; a caller flips the sign bit of signed ones. Trees, not ripples: a query's comparisons are few
// rows or one round trip apart, and rounds dominate (ripple order, half the ANDs, is for sorting).
//
//   Shape     columns of equal rows and width w; results one bit wide.
//   Units     ANDs of one plane: EqualBits w - 1; LessThanBits about 3w; LessThanPublic about 2w, less the
//             constant's trailing zeroes; Or, Mux the width.
//   Rounds    EqualBits, LessThanPublic ceil(log2 w); LessThanBits 1 + ceil(log2 w); Or, Mux 1.
//   Traffic   an AND of one plane: 24 * ceil(n / 64) bytes, all parties, under Replicated3 (mpc/cost).
//   Leakage   shapes and the public constant only.
//   Security  the Protocol's own.
//   Source    carry-lookahead comparison: Garay, Schoenmakers, Villegas, PKC 2007.
#pragma once

#include <cstdint>

#include "absl/status/statusor.h"
#include "mpc/protocol/protocol.h"

namespace care::mpc {

// Every row the same public value.
BitColumn PublicConstant(const Protocol& protocol, std::size_t rows, unsigned width, std::uint64_t value);

absl::StatusOr<BitColumn> EqualBits(Protocol& protocol, const BitColumn& a, const BitColumn& b);
absl::StatusOr<BitColumn> LessThanBits(Protocol& protocol, const BitColumn& a, const BitColumn& b);

// a < constant, a >= constant; the constant may exceed the width.
absl::StatusOr<BitColumn> LessThanPublic(Protocol& protocol, const BitColumn& a, std::uint64_t constant);
absl::StatusOr<BitColumn> AtLeastPublic(Protocol& protocol, const BitColumn& a, std::uint64_t constant);

absl::StatusOr<BitColumn> Or(Protocol& protocol, const BitColumn& a, const BitColumn& b);

// `when_set` in the rows whose flag (one plane) is 1, else `otherwise`.
absl::StatusOr<BitColumn> Mux(Protocol& protocol, const BitColumn& flag, const BitColumn& when_set,
                              const BitColumn& otherwise);

}  // namespace care::mpc
