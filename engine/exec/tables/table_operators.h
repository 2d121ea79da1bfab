// engine/exec/tables/table_operators.h
//
// The operators that move rows between slots: JoinTables, GroupTable, WindowTable, TopTable, CompactTable. One entry for all
// of them, by the kind of the node.
#pragma once

#include "absl/status/statusor.h"
#include "engine/exec/tables/shared_table.h"

namespace care::engine {

absl::StatusOr<SharedTable> RunTableOperator(TableContext& context, planner::NodeId id);

}  // namespace care::engine
