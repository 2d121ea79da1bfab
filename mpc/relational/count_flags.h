// mpc/relational/count_flags.h
//
// How many rows have a flag set. The flags are cut into slices that lie on top of each other; carry-save adders count
// each column of bits (three bits of one weight become one and a carry: Harley and Seal's way of counting ones), and
// only the few bits of those counts become ring elements, whose sums are free.
//
//   Shape     flags[n], p planes -> p rows of k bits, a count a plane.
//   Units     fewer ANDs than rows, and k bits for each bit of each column's count.
//   Rounds    of the adders, which grow with the logarithm of the slices' number, and 2.
//   Traffic   a plane: below 3 bits a row and 3 k (log2 m + 1) / m, m the number of slices (mpc/cost: CountFlagsCost); turning
//             each flag into a ring element would take 3 k a row.
//   Leakage   n.
//   Security  the Protocol's own.
//   Source    carry-save counting: Warren, Hacker's Delight, 2002.
#pragma once

#include "absl/status/statusor.h"
#include "mpc/protocol/protocol.h"

namespace care::mpc {

// ring_width: at least RingWidthFor(rows) for counts that are compared or opened.
absl::StatusOr<RingColumn> CountFlags(Protocol& protocol, const BitColumn& flags, unsigned ring_width = kDefaultRing);

}  // namespace care::mpc
