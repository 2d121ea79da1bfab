// engine/exec/tables/top_table.h
//
// TopTableNode: the first rows by the keys, those that are not valid last; rows that tie stay in the order of their slots.
// min(rows, slots) slots. Only the first ranks are sorted out (mpc/relational/order_by.h); columns that nobody reads later stay
// behind.
#pragma once

#include "absl/status/statusor.h"
#include "engine/exec/tables/shared_table.h"

namespace care::engine {

absl::StatusOr<SharedTable> TopTable(TableContext& context, const planner::TopTableNode& node,
                                     planner::NodeId id);

}  // namespace care::engine
