#include "engine/exec/tables/table_operators.h"

#include "engine/exec/tables/compact_table.h"
#include "engine/exec/tables/group_table.h"
#include "engine/exec/tables/join_table.h"
#include "engine/exec/tables/top_table.h"
#include "engine/exec/tables/window_table.h"

namespace care::engine {

absl::StatusOr<SharedTable> RunTableOperator(TableContext& context, planner::NodeId id) {
  const planner::PhysicalNode& node = context.plan.nodes[id];
  if (const auto* join = std::get_if<planner::JoinTablesNode>(&node)) return JoinTables(context, *join, id);
  if (const auto* group = std::get_if<planner::GroupTableNode>(&node)) return GroupTable(context, *group, id);
  if (const auto* top = std::get_if<planner::TopTableNode>(&node)) return TopTable(context, *top, id);
  if (const auto* compact = std::get_if<planner::CompactTableNode>(&node)) return CompactTable(context, *compact, id);
  if (const auto* window = std::get_if<planner::WindowTableNode>(&node)) return WindowTable(context, *window, id);
  return absl::InternalError("a node has no operator");
}

}  // namespace care::engine
