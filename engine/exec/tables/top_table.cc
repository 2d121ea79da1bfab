#include "engine/exec/tables/top_table.h"

#include <algorithm>
#include <utility>

#include "engine/exec/tables/table_rows.h"
#include "engine/types/status_macros.h"
#include "mpc/relational/order_by.h"
#include "planner/physical/columns_read.h"

namespace care::engine {

absl::StatusOr<SharedTable> TopTable(TableContext& context, const planner::TopTableNode& node,
                                     planner::NodeId id) {
  SharedTable& table = context.tables.at(node.input);
  std::vector<OrderColumn> order;
  for (const planner::TableKey& key : node.keys)
    order.push_back({key.column, key.descending, key.nulls_first});
  CARE_ASSIGN_OR_RETURN(const mpc::BitColumn key, OrderKey(context, table, order));
  RowBlock block(table, planner::ColumnsReadAfter(context.plan, id));
  const std::size_t kept = static_cast<std::size_t>(std::min<std::uint64_t>(node.rows, table.slots));
  CARE_ASSIGN_OR_RETURN(mpc::OrderedRows top, mpc::TopRows(context.protocol, key, table.valid, block.Take(),
                                                           kept, context.disclosures[0], context.link));
  SharedTable result{.slots = kept, .valid = std::move(top.valid)};
  block.Restore(top.columns, result);
  return result;
}

}  // namespace care::engine
