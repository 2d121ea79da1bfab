// engine/exec/tables/join_matches.h
//
// What every method of a join yields, and what the kinds of joins make of it.
#pragma once

#include <map>
#include <optional>
#include <set>

#include "absl/status/statusor.h"
#include "engine/exec/tables/shared_table.h"

namespace care::engine {

// At blocks * left slots: block b holds each left row's b-th match.
struct JoinMatches {
  std::size_t blocks = 1;
  bool fills_first = true;                           // a row's matches fill the first blocks
  mpc::BitColumn matched;                            // 1 plane; both rows are valid
  std::map<planner::ColumnId, SharedValue> columns;  // the right's; where not matched, anything
  bool bits_are_masked = false;                 // columns hold zero bits (and no NULL-ness) where not matched
  std::optional<mpc::BitColumn> right_matched;  // kFull by keys: at the right's slots
};

// `reads`: the columns that somebody still reads, of either side.
absl::StatusOr<SharedTable> FinishJoin(TableContext& context, const planner::JoinTablesNode& node,
                                       const SharedTable& left, const SharedTable& right,
                                       const std::set<planner::ColumnId>& reads, JoinMatches matches);

}  // namespace care::engine
