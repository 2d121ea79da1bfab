// engine/exec/tables/join_lookup.h
//
// JoinMethod::kLookup: the left's slots find their right row by private lookup. The owner of the left's order knows its keys in
// the clear, and the right is a table that another owner shared; both encode keys as join_keys.h says, and the right's owner
// its columns as ShareTable would. The left's rows stay in their slots.
//
// A lookup needs distinct keys. Where the plan (left_distinct) does not know the left's to be distinct, distinct keys look up, what they found
// is spread over their rows (mpc::LookupJoinRows), and the owner puts the rows back in order; n keys are enough for n slots, of
// which rows with a NULL key share one that is not looked up.
//
//   Rounds    LookupJoin's, and 4 through the keys.
//   Traffic   LookupJoin's; through the keys two gathers, from 2 n rows to n and from n to 2 n.
//   Leakage   slots and shapes. FailedPrecondition at the right's owner, before anything is sent, if its keys repeat (kSemi
//             and kAnti without residual: it sends each once), and at the left's if left_distinct does not hold.
#pragma once

#include <set>

#include "absl/status/statusor.h"
#include "engine/exec/tables/join_matches.h"

namespace care::engine {

absl::StatusOr<JoinMatches> MatchByLookup(TableContext& context, const planner::JoinTablesNode& node,
                                          const SharedTable& left, const SharedTable& right,
                                          const std::set<planner::ColumnId>& from_right);

}  // namespace care::engine
