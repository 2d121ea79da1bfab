// mpc/relational/compare.h
//
// Equality, order and selection on bit columns: what filters, thresholds, CASE and sorting are made of.
// Values are unsigned; a caller flips the sign bit of signed ones. Order is a tree unless the caller asks for
// fewer bytes in more rounds (CompareDepth): a query's comparisons are few rows or one round trip apart, and
// rounds dominate.
//
//   Shape     columns of equal rows and width w; results one bit wide.
//   Units     ANDs of one plane: EqualBits w - 1; LessThanBits w (ripple), about 2.25 w (blocks of four), about 3
//             w (tree); LessThanPublic fewer than LessThanBits, by the constant's zeroes; Or, Mux the width.
//   Rounds    EqualBits ceil(log2 w); LessThanBits w, 4 + ceil(log2(w / 4)), 1 + ceil(log2 w); LessThanPublic of a
//             tree ceil(log2 w); Or, Mux 1.
//   Traffic   an AND of one plane: 24 * ceil(n / 64) bytes, all parties, under Replicated3 (mpc/cost).
//   Leakage   shapes and the public constant only.
//   Security  the Protocol's own.
//   Source    mpc/circuit/compare_circuits.h.
#pragma once

#include <cstdint>

#include "absl/status/statusor.h"
#include "mpc/circuit/compare_circuits.h"
#include "mpc/protocol/protocol.h"

namespace care::mpc {

// Every row the same public value.
BitColumn PublicConstant(const Protocol& protocol, std::size_t rows, unsigned width, std::uint64_t value);

absl::StatusOr<BitColumn> EqualBits(Protocol& protocol, const BitColumn& a, const BitColumn& b);
absl::StatusOr<BitColumn> LessThanBits(Protocol& protocol, const BitColumn& a, const BitColumn& b,
                                       CompareDepth depth = CompareDepth::kTree);

// a < constant, a >= constant; the constant may exceed the width.
absl::StatusOr<BitColumn> LessThanPublic(Protocol& protocol, const BitColumn& a, std::uint64_t constant,
                                         CompareDepth depth = CompareDepth::kTree);
absl::StatusOr<BitColumn> AtLeastPublic(Protocol& protocol, const BitColumn& a, std::uint64_t constant,
                                        CompareDepth depth = CompareDepth::kTree);

absl::StatusOr<BitColumn> Or(Protocol& protocol, const BitColumn& a, const BitColumn& b);

// `when_set` in the rows whose flag (one plane) is 1, else `otherwise`.
absl::StatusOr<BitColumn> Mux(Protocol& protocol, const BitColumn& flag, const BitColumn& when_set,
                              const BitColumn& otherwise);

}  // namespace care::mpc
