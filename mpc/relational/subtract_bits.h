// mpc/relational/subtract_bits.h
//
// Differences of bit columns, for what is subtracted once and compared right away (days between two events);
// sums of many rows belong in the ring.
//
//   Shape     a[n], b[n] of w bits -> (a - b) mod 2^w, w bits.
//   Units     ANDs of one plane: w - 1.
//   Rounds    w - 1: a ripple, the fewest bits.
//   Traffic   24 (w - 1) ceil(n / 64) bytes.
//   Leakage   n and w.
//   Security  the Protocol's own.
//   Source    textbook borrow chain.
#pragma once

#include "absl/status/statusor.h"
#include "mpc/protocol/protocol.h"

namespace care::mpc {

absl::StatusOr<BitColumn> SubtractBits(Protocol& protocol, const BitColumn& a, const BitColumn& b);

}  // namespace care::mpc
