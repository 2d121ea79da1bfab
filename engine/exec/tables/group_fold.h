// engine/exec/tables/group_fold.h
//
// Calls of a GROUP BY that need no order: of a single group, and of few cells of public domains, where each row has a flag a
// cell. Counts are counted in bits (count_flags.h), and so are sums of few bits, digit by digit; other sums are dot products with
// flags in the ring, of which two short lists make those of all cells (planner::CellsAcross). BOOL_AND and BOOL_OR ask whether there
// is any; MIN and MAX are tournaments.
//
//   Rounds    the cells' flags; about log2 of the slots for counts, and as many for "is there any"; of sums in the ring, for each block of
//             rows (planner::FoldBlockRows), 2, 1 for products and 1; of a tournament about log2 slots times (log2 W + 2).
//   Traffic   bits a row, all parties: 6 a cell; 6 a cell for each count and each digit; 192 for each flag that enters the ring and each
//             product; a tournament about 6 W ANDs a cell.
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
