// engine/exec/tables/group_cells.h
//
// The cells of a GROUP BY over public domains: one for each combination of the keys' values, the first key most significant.
#pragma once

#include <cstdint>
#include <vector>

#include "absl/status/statusor.h"
#include "engine/exec/tables/shared_table.h"

namespace care::engine {

// The keys' columns at the cells: public.
absl::Status SetCellKeys(const TableContext& context, const planner::GroupTableNode& node,
                         SharedTable& cells);

// A plane a cell: this row is in it. `base` (a plane) is ANDed with it. Rounds: log2 of each key's bits, 1 more where it can be NULL,
// and 1 a key. Traffic: about an AND a row for each value of a key, and one a row and cell.
absl::StatusOr<mpc::BitColumn> CellFlags(TableContext& context, const planner::GroupTableNode& node,
                                         SharedTable& table, const mpc::BitColumn& base);

// Of each cell, its rank in the order of the keys' bits, NULLs last.
absl::StatusOr<std::vector<std::uint32_t>> RanksOfCells(const TableContext& context,
                                                        const planner::GroupTableNode& node);

}  // namespace care::engine
