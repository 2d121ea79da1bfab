#include "engine/exec/tables/compact_table.h"

#include <algorithm>
#include <utility>

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
  const mpc::CompactBound bound{.rows = kept, .overflow = context.disclosures[1], .what = "rows of a join, by its declared keys"};
  CARE_ASSIGN_OR_RETURN(mpc::CompactRows compact,
                        mpc::CompactTo(context.protocol, bound, table.valid, block.Take(), context.disclosures[0]));
  SharedTable result{.slots = kept, .valid = std::move(compact.valid)};
  block.Restore(compact.columns, result);
  return result;
}

}  // namespace care::engine
