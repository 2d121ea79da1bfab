// engine/exec/tables/group_sorted.h
//
// One sort of a GROUP BY and the calls that it serves (planner::GroupSort). Rows stand by (not valid, key, [counts, value]); a
// group's row is the last of its segment.
//
// Sums and counts are prefix sums over all rows, which are free, taken at the groups' last rows, moved to the front and
// subtracted from each other. Invalid rows stand behind all groups and so never enter. What runs along a segment (extremes that
// the sort does not order by, "was there any") is a scan. A value that the sort orders by has its greatest in the last row, and
// its least, or the one of a rank, in one row of the segment: masked by "this is the row", the parity of all rows up to the
// segment's end less that of the segment before is the value.
//
// Cells of public domains get a row each that counts nowhere, so that every cell is a group, in the keys' order.
//
//   Rounds    the sort's, the scans', and 2 + 1 + 2 + 1 of compaction.
//   Traffic   the sort with all that the calls take beside the key, and a shuffle of what they leave (compact.h).
//   Leakage   rows and shapes; what opens are uniformly random permutations.
//   Source    docs/protocols/segments.md.
#pragma once

#include "absl/status/statusor.h"
#include "engine/exec/tables/shared_table.h"
#include "planner/physical/group_sorts.h"

namespace care::engine {

// `groups` slots of which the first are valid, in the order of the keys' bits, NULLs last; the keys' columns and the calls'.
// Without keys there is one. `determined`: those of the node's that this sort shall bring. `openings`: of this sort, as planner::GroupOpenings has them.
absl::StatusOr<SharedTable> GroupBySort(TableContext& context, const planner::GroupTableNode& node,
                                        SharedTable& table, const planner::GroupSort& sort,
                                        std::span<const planner::ColumnId> determined, std::size_t groups, std::span<const Disclosure> openings);

}  // namespace care::engine
