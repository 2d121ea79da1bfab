// engine/exec/tables/join_table.h
//
// JoinTablesNode: the left table's rows with the right table's rows that they match. The left's slots stay where they are,
// block after block, one for each match that a row may have; the right's columns travel to them. Only those that a later
// node or the residual reads do.
//
//   kSort     mpc::SortJoin on the bits of the keys, brought to a common shape. A key in more than most_matches valid right
//             rows ends the query (not for kSemi and kAnti without residual: they need one match at most).
//   kProduct  the right's slots one by one, repeated beside the left's: local, but for one AND a slot.
//   kLookup   join_lookup.h; kByOwner too.
//
// A residual is evaluated at the output's slots, and what fails it has not matched. kFull with keys and a residual is not
// supported (InvalidArgument): the right's unmatched rows would have to hear of it.
//
//   Rounds    SortJoin's or Lookup's; the residual's; for kSemi, kAnti, kLeft and kFull with several blocks those of ORs, ceil(log2
//             blocks), and 2.
//   Leakage   slots, shapes, and of kSort whether most_matches is exceeded.
#pragma once

#include "absl/status/statusor.h"
#include "engine/exec/tables/shared_table.h"

namespace care::engine {

// Blocks of the left's slots in the output: the slots of kSemi and kAnti are the left's alone.
absl::StatusOr<SharedTable> JoinTables(TableContext& context, const planner::JoinTablesNode& node,
                                       planner::NodeId id);

}  // namespace care::engine
