// engine/exec/tables/gate_table.h
//
// GateTableNode: which groups of a table may leave. Groups of public domains are decided as cells by engine/release/gate.h.
// Groups in slots of no public order are one margin: whoever knows the total can subtract what is released, so where the
// hidden groups hold fewer than the threshold of persons together but not none, or exactly one of them is not empty, the
// smallest survivor is hidden too (ties: the lowest slot). For each count, as gate.h says, and in two passes where there are
// several.
//
//   Shape     counts of n slots -> valid, which is 1 where the group survives.
//   Rounds    a comparison with the threshold, then for each pass a sum and ceil(log2 n) comparisons of pairs and as many ANDs
//             back; comparisons in all 2 n a pass and count.
//   Leakage   none.
#pragma once

#include "absl/status/statusor.h"
#include "engine/exec/tables/shared_table.h"

namespace care::engine {

// The table with `valid` left to the survivors.
absl::StatusOr<SharedTable> GateTable(TableContext& context, const planner::GateTableNode& node, SharedTable table,
                                      std::uint32_t threshold);

// The rule for one margin. counts[c]: unsigned bits of one width, zero in slots without a group.
absl::StatusOr<mpc::BitColumn> DecideMargin(mpc::Protocol& protocol, const std::vector<mpc::BitColumn>& counts,
                                            std::uint32_t threshold, bool person_in_one_cell);

}  // namespace care::engine
