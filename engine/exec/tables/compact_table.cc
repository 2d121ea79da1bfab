#include "engine/exec/tables/compact_table.h"

#include <algorithm>

#include "engine/exec/tables/table_rows.h"
#include "engine/types/status_macros.h"
#include "mpc/relational/compact.h"
#include "planner/physical/columns_read.h"

namespace care::engine {

absl::StatusOr<SharedTable> CompactTable(TableContext& context, const planner::CompactTableNode& node,
                                         planner::NodeId id) {
  const SharedTable& table = context.tables.at(node.input);
  RowBlock block(table, planner::ColumnsReadAfter(context.plan, id));
  const std::size_t kept = static_cast<std::size_t>(std::min<std::uint64_t>(node.bound, table.slots));
  CARE_ASSIGN_OR_RETURN(mpc::CompactRows compact,
                        mpc::Compact(context.protocol, table.valid, block.Take(), context.disclosures[0]));
  for (mpc::BitColumn& column : compact.columns.bits) column = column.Rows(0, kept);
  for (mpc::RingColumn& column : compact.columns.rings) column = column.Rows(0, kept);
  SharedTable result{.slots = kept, .valid = compact.valid.Rows(0, kept)};
  block.Restore(compact.columns, result);
  return result;
}

}  // namespace care::engine
