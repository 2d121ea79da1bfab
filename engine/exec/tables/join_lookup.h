// engine/exec/tables/join_lookup.h
//
// JoinMethod::kLookup: the left's slots find their right row by private lookup. The owner of the left's order knows its keys in
// the clear, and the right is a table that another owner shared; both encode keys as join_keys.h says, and the right's owner
// its columns as ShareTable would. The left's rows stay in their slots.
//
// A lookup needs distinct keys. Where the plan does not know the left's to be distinct, distinct keys look up, of which there are
// at most JoinTablesNode::left_keys, what they found is spread over their rows (mpc::LookupJoinRows), and the owner puts the rows
// back in order, unless they stand by key (planner::StandsBy). Rows with a NULL key share one that is not looked up.
//
//   Rounds    LookupJoin's; 2 to spread, 2 to put rows back.
//   Traffic   LookupJoin's at the distinct keys; a gather from keys and rows to rows, and one from rows to rows.
//   Leakage   slots and shapes. FailedPrecondition at the right's owner, before anything is sent, if its keys repeat (kSemi
//             and kAnti without residual: it sends each once); at the left's, if it has more different keys than declared.
//
// JoinMethod::kByOwner: one owner has both sides, and shares at the left's slots what it found. Rounds: one for bits, one for each ring
// column. The same errors.
#pragma once

#include <set>

#include "absl/status/statusor.h"
#include "engine/exec/tables/join_matches.h"

namespace care::engine {

absl::StatusOr<JoinMatches> MatchByLookup(TableContext& context, const planner::JoinTablesNode& node,
                                          const SharedTable& left, const SharedTable& right,
                                          const std::set<planner::ColumnId>& from_right);

absl::StatusOr<JoinMatches> MatchByOwner(TableContext& context, const planner::JoinTablesNode& node,
                                         const SharedTable& left, const SharedTable& right,
                                         const std::set<planner::ColumnId>& from_right);

}  // namespace care::engine
