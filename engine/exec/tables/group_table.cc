#include "engine/exec/tables/group_table.h"

#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "engine/exec/tables/group_cells.h"
#include "engine/exec/tables/group_by_owner.h"
#include "engine/exec/tables/group_fold.h"
#include "engine/exec/tables/group_rows.h"
#include "engine/exec/tables/group_sorted.h"
#include "engine/exec/tables/table_rows.h"
#include "engine/types/check.h"
#include "engine/types/status_macros.h"
#include "planner/physical/group_sorts.h"
#include "planner/physical/operator_openings.h"

namespace care::engine {
namespace {

using planner::AggregateFunction;
using planner::GroupTableNode;
using planner::TableGroupMethod;

absl::Status CheckCalls(const GroupTableNode& node) {
  for (const planner::NamedAggregate& named : node.calls) {
    switch (named.call.function) {
      case AggregateFunction::kCountStar:
      case AggregateFunction::kCount:
      case AggregateFunction::kSum:
      case AggregateFunction::kMin:
      case AggregateFunction::kMax:
      case AggregateFunction::kBoolAnd:
      case AggregateFunction::kBoolOr:
      case AggregateFunction::kPercentileDiscrete:
        continue;
      case AggregateFunction::kPercentileContinuous:
        if (named.call.type.kind == TypeKind::kNumeric) continue;
        return absl::InternalError("a percentile in double precision reached its execution");
      default:
        return absl::InternalError("an aggregate reached its execution that is made of sums");
    }
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<SharedTable> GroupTable(TableContext& context, const GroupTableNode& node, planner::NodeId id) {
  CARE_RETURN_IF_ERROR(CheckCalls(node));
  SharedTable& table = context.tables.at(node.input);
  if (table.slots == 0) AddEmptySlot(context.protocol, table);
  if (node.method == TableGroupMethod::kByOwner) return GroupByOwner(context, node, id, table);
  const planner::GroupSorts plan = planner::SortsOf(node);
  const bool one = node.method == TableGroupMethod::kOneGroup;
  const bool dense = node.method == TableGroupMethod::kDense;
  SharedTable groups{.slots = one     ? 1
                              : dense ? planner::CellsOf(node)
                                      : static_cast<std::size_t>(node.group_bound)};
  if (one) groups.valid = AllSet(context.protocol, 1);
  if (one || plan.by_cells) {
    mpc::BitColumn cells = table.valid;
    if (plan.by_cells) {
      CARE_ASSIGN_OR_RETURN(cells, CellFlags(context, node, table, table.valid));
    }
    CARE_RETURN_IF_ERROR(FoldGroups(context, node, table, plan.folded, cells, groups));
  }
  const std::size_t openings_each = one ? 1 : 2;
  CARE_CHECK(context.disclosures.size() >= plan.sorts.size() * openings_each);
  for (std::size_t i = 0; i < plan.sorts.size(); ++i) {
    std::vector<Disclosure> openings(&context.disclosures[i * openings_each], &context.disclosures[i * openings_each] + openings_each);
    // Every sort finds as many groups: one asks.
    if (i == 0 && planner::NeedsGroupBound(node, table.slots)) openings.push_back(context.disclosures[plan.sorts.size() * openings_each]);
    const std::span<const planner::ColumnId> determined = i == 0 ? std::span(node.determined) : std::span<const planner::ColumnId>();
    CARE_ASSIGN_OR_RETURN(SharedTable sorted, GroupBySort(context, node, table, plan.sorts[i], determined, groups.slots, openings));
    // Every sort finds the same groups in the same order.
    if (i == 0 && !one) groups.valid = sorted.valid;
    for (auto& [column, value] : sorted.columns) groups.columns.try_emplace(column, std::move(value));
  }
  if (!dense) return groups;
  if (!plan.by_cells) {
    CARE_ASSIGN_OR_RETURN(const std::vector<std::uint32_t> ranks, RanksOfCells(context, node));
    groups.valid = Gathered(groups.valid, ranks);
    for (auto& [column, value] : groups.columns) {
      if (value.bits) value.bits = Gathered(*value.bits, ranks);
      if (value.not_null) value.not_null = Gathered(*value.not_null, ranks);
      if (value.ring) value.ring = Gathered(*value.ring, ranks);
    }
  }
  CARE_RETURN_IF_ERROR(SetCellKeys(context, node, groups));
  return groups;
}

}  // namespace care::engine
