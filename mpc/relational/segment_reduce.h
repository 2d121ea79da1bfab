// mpc/relational/segment_reduce.h
//
// Sums each key's rows into one value a key, hiding how many rows each key has: the way back from the row
// level of segment_layout.h to the key level, as GROUP BY the spine's own key needs.
//
// Method: prefix sums (local), the owner gathers the last slot of every segment, neighbours are subtracted
// (local). Every key has at least its header, so the gathered slots are distinct.
//
//   Shape     columns at n + m slots -> columns at n keys.
//   Units     rings of any width; bits by XOR (parity).
//   Rounds    2.
//   Traffic   one GatherByOwner from n + m rows to n (mpc/cost: SegmentReduceCost).
//   Leakage   n and m.
//   Security  the Protocol's own.
//   Source    prefix sums read at segment ends: Blelloch, CMU-CS-90-190.
#pragma once

#include <vector>

#include "absl/status/statusor.h"
#include "mpc/protocol/protocol.h"
#include "mpc/relational/segment_layout.h"

namespace care::mpc {

// Slots that must not count (headers, rows that a join or filter dropped) hold zero. Trailing slots belong to
// no key, whatever they hold. `layout` is null unless Holds(owner).
absl::StatusOr<Protocol::Columns> SegmentReduce(Protocol& protocol, PartyId owner,
                                                const SegmentLayout* layout, std::size_t key_count,
                                                std::size_t row_bound, const Protocol::Columns& at_rows);

absl::StatusOr<std::vector<RingColumn>> SegmentSum(Protocol& protocol, PartyId owner,
                                                   const SegmentLayout* layout, std::size_t key_count,
                                                   std::size_t row_bound,
                                                   const std::vector<RingColumn>& at_rows);

absl::StatusOr<std::vector<BitColumn>> SegmentXor(Protocol& protocol, PartyId owner,
                                                  const SegmentLayout* layout, std::size_t key_count,
                                                  std::size_t row_bound,
                                                  const std::vector<BitColumn>& at_rows);

}  // namespace care::mpc
