// engine/exec/tables/group_by_owner.h
//
// TableGroupMethod::kByOwner: the owner of the table's order knows every row's group, so nothing is compared. With the rows by
// group, a sum is the difference of two prefix sums, which are free, at the groups' last rows; the owner picks those. Which rows count
// is secret still: a filter or a join may have dropped some. The owner keeps the groups' keys, so that what comes next can be looked
// up by them.
//
//   Shape     group_bound slots, valid where a row that is valid is in the group; the keys' and determined columns in bits, as far as a
//             later node reads them; sums and counts in the ring.
//   Rounds    2 for flags into the ring, 1 for products; 2 to bring the rows by group, unless they stand by it
//             (planner::StandsBy); 2 to pick; then, at the groups, those of RingToBits, a comparison, and IntegersToRing of counts.
//   Traffic   3 k bits a row for each flag and each sum under it, k = 64 or, of a flag that is only counted where groups are few, a row
//             number's; k bits a row and column to pick, 4 k more to bring the rows.
//   Leakage   slots, group_bound and shapes. FailedPrecondition at the owner if it has more groups than declared.
//   Source    segment_reduce.h without its headers: groups here have a row.
#pragma once

#include "absl/status/statusor.h"
#include "engine/exec/tables/shared_table.h"

namespace care::engine {

// Calls: COUNT(*), COUNT and SUM, without DISTINCT.
absl::StatusOr<SharedTable> GroupByOwner(TableContext& context, const planner::GroupTableNode& node, planner::NodeId id, SharedTable& table);

}  // namespace care::engine
