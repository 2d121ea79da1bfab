// mpc/relational/segmented_scan.h
//
// What travels along the segments of sorted rows: a segment's first value copied to all its rows, running
// sums, counts, minima and maxima. `continues` (segments.h) says where segments go on.
//
// Method: rows combine in pairs, the pairs are scanned (by the same method), and the even rows combine with
// the scanned pair before them: less than two combinations a row and two levels for each halving. A
// combination is one AND a bit, so a copied bit costs six bits of traffic a row, and rings 48 bytes a sum. We
// rejected moving the segments' first rows together and their differences back (compact, subtract neighbours,
// un-compact, prefix sum): a constant number of rounds, but two shuffles and a mask, 14 bits of traffic a
// copied bit, beside 104 bytes a row for the positions. What has been sorted took many times as many rounds
// anyhow.
//
//   Shape     continues[n], values[n] -> values[n]; row 0 begins a segment whatever its bit.
//   Units     CopyDown, RunningOr, RunningMinimum and -Maximum: planes, unsigned. RunningSums, RowNumbers:
//             the ring.
//   Rounds    CopyDown 2 floor(log2 n) - 1 or less, RunningOr 1 more, Running Minimum and Maximum 2
//   + ceil(log2 W) for
//             each level; RunningSums log2 n for the flags, 2 to bring them into the ring, and 2 floor(log2
//             n) - 1.
//   Traffic   with L = floor(log2 n): CopyDown (2W + 1)(n - L) ANDs of one bit and less; RunningSums 48 bytes a
//             row for the flags and 48 a row and column. Exactly: mpc/cost/relational_cost.h.
//   Leakage   n, W and the number of columns.
//   Security  the Protocol's own.
//   Source    Brent and Kung, IEEE Trans. Computers 1982 (the tree); Blelloch, CMU-CS-90-190 (segments).
#pragma once

#include <vector>

#include "absl/status/statusor.h"
#include "mpc/protocol/protocol.h"

namespace care::mpc {

// Row i becomes the first row of its segment.
absl::StatusOr<BitColumn> CopyDown(Protocol& protocol, const BitColumn& continues, const BitColumn& values);

// Whether the flag (one plane) was set in this row or before in its segment.
absl::StatusOr<BitColumn> RunningOr(Protocol& protocol, const BitColumn& continues, const BitColumn& flag);

// The least or greatest value up to and with row i of its segment. At a segment's last row: of the segment.
absl::StatusOr<BitColumn> RunningMinimum(Protocol& protocol, const BitColumn& continues,
                                         const BitColumn& values);
absl::StatusOr<BitColumn> RunningMaximum(Protocol& protocol, const BitColumn& continues,
                                         const BitColumn& values);

// The sum up to and with row i of its segment. At a segment's last row: of the segment. All columns of one ring.
absl::StatusOr<std::vector<RingColumn>> RunningSums(Protocol& protocol, const BitColumn& continues,
                                                    const std::vector<RingColumn>& values);

// 1, 2, 3 .. in each segment: RunningSums of ones.
absl::StatusOr<RingColumn> RowNumbers(Protocol& protocol, const BitColumn& continues);

}  // namespace care::mpc
