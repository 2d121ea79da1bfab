// engine/exec/tables/group_fold.h
//
// Calls of a GROUP BY that need no order: of a single group, and of few cells of public domains, where each row has a flag a
// cell. Counts and sums are dot products with flags, which cost one element an output; MIN, MAX and the like are tournaments.
//
//   Rounds    the cells' flags, 2 into the ring and 1; of a tournament about log2 slots times (log2 W + 2).
//   Traffic   bytes, all parties: 24 a row and cell for flags; 24 a row for each further flag, and 24 for each sum that it masks; a
//             tournament about 2 W ANDs a row and cell.
//   Leakage   slots, cells and shapes.
#pragma once

#include <vector>

#include "absl/status/status.h"
#include "engine/exec/tables/shared_table.h"

namespace care::engine {

// `cells`: a plane a cell, ANDed with the table's valid. One plane: one group. Sets `valid` of `groups` (unless one group: its caller
// does) and the calls' columns.
absl::Status FoldGroups(TableContext& context, const planner::GroupTableNode& node, SharedTable& table,
                        const std::vector<std::size_t>& calls, const mpc::BitColumn& cells,
                        SharedTable& groups);

}  // namespace care::engine
