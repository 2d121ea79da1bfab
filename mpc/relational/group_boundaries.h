// mpc/relational/group_boundaries.h
//
// Sums by a group that the rows' owner knows, for few groups: the owner brings its rows sorted by group, and
// only it knows where each group ends. Prefix sums (local), a private read of one position a group, and
// neighbours subtracted (local). Empty groups get zero.
//
//   Shape     values[n] -> sums[G], G = groups: a declared domain or a declared bound, never the true number
//             of groups.
//   Units     rings of any width.
//   Rounds    those of Protocol::ReadByOwner (3).
//   Traffic   one ReadByOwner of G positions among n + 1 rows (mpc/cost: SumByBoundariesCost): a bit a row
//             and group. For many groups gather instead (segment_reduce.h).
//   Leakage   n and G. The sums go on as shares; their owner sees none of them.
//   Security  the Protocol's own.
//   Source    two-server private retrieval: Chor, Goldreich, Kushilevitz, Sudan, FOCS 1995.
#pragma once

#include <cstdint>
#include <vector>

#include "absl/status/statusor.h"
#include "mpc/protocol/protocol.h"

namespace care::mpc {

// Rows before end_of_group[g] belong to groups up to g, and to none later; ends do not decrease and do not
// exceed the rows. Rows past the last end belong to no group. Rows that must not count hold zero in every
// column. `end_of_group` is null unless Holds(owner).
absl::StatusOr<std::vector<RingColumn>> SumByBoundaries(Protocol& protocol, PartyId owner,
                                                        const std::vector<std::uint32_t>* end_of_group,
                                                        std::size_t groups,
                                                        std::vector<RingColumn> masked_values);

}  // namespace care::mpc
