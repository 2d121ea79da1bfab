// engine/exec/tables/compact_table.h
//
// CompactTableNode: the rows of a table, in their order, in its first slots. min(bound, slots) slots: the bound is proven, so
// that no row is lost. Columns that nobody reads later stay behind (mpc/relational/compact.h).
#pragma once

#include "absl/status/statusor.h"
#include "engine/exec/tables/shared_table.h"

namespace care::engine {

absl::StatusOr<SharedTable> CompactTable(TableContext& context, const planner::CompactTableNode& node,
                                         planner::NodeId id);

}  // namespace care::engine
