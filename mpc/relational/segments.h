// mpc/relational/segments.h
//
// Segments of sorted rows: runs of neighbours with the same key. Where they begin and end is secret; one bit
// a row says it, and neighbours are reached by shifting whole columns, which is free. What has to travel
// along a whole segment is in segmented_scan.h.
//
//   Shape     sorted key[n] of w bits -> `continues`[n], 1 where row i is in the segment of row i - 1 (never in
//             row 0); SegmentEnds 1 on a segment's last row; Lag and Lead values[n], present[n].
//   Units     planes.
//   Rounds    ContinuesSegment ceil(log2 w); SegmentEnds none; Lag, Lead by k rows: k.
//   Traffic   ContinuesSegment w - 1 ANDs for n - 1 rows; Lag and Lead of W bits: W + k - 1 ANDs for n rows
//             (mpc/cost/relational_cost.h).
//   Leakage   n, w and the distance.
//   Security  the Protocol's own.
//   Source    adjacent equality after a sort: Jonsson, Kreitz, Uddin, ePrint 2011/122.
#pragma once

#include "absl/status/statusor.h"
#include "mpc/protocol/protocol.h"

namespace care::mpc {

absl::StatusOr<BitColumn> ContinuesSegment(Protocol& protocol, const BitColumn& sorted_key);

BitColumn SegmentEnds(const Protocol& protocol, const BitColumn& continues);

// Row i becomes row i - count (ShiftDown) or i + count (ShiftUp); zero where there is none. Local.
BitColumn ShiftDown(const Protocol& protocol, const BitColumn& column, std::size_t count);
BitColumn ShiftUp(const Protocol& protocol, const BitColumn& column, std::size_t count);
RingColumn ShiftDown(const Protocol& protocol, const RingColumn& column, std::size_t count);

// The value `distance` >= 1 rows before (LAG) or after (LEAD) in the same segment; zero, and not present,
// where the segment does not reach so far.
struct Neighbour {
  BitColumn present;  // 1 bit
  BitColumn values;
};
absl::StatusOr<Neighbour> Lag(Protocol& protocol, const BitColumn& continues, const BitColumn& values,
                              std::size_t distance);
absl::StatusOr<Neighbour> Lead(Protocol& protocol, const BitColumn& continues, const BitColumn& values,
                               std::size_t distance);

}  // namespace care::mpc
