// Follows engine/exec/tables/group_table.cc; each way to group has its own file.
#include <algorithm>

#include "planner/physical/group_pricing.h"
#include "planner/physical/operator_openings.h"

namespace care::planner {

PricedTable PriceGroup(Pricing& pricing, const GroupTableNode& group, PricedTable& table, const IsRead& read, const KnownOrder& order) {
  table.slots = std::max<std::uint64_t>(table.slots, 1);
  if (group.method == TableGroupMethod::kByOwner) return PriceGroupByOwner(pricing, group, table, read, order.stands_by);
  const GroupSorts sorts = SortsOf(group);
  const bool one = group.method == TableGroupMethod::kOneGroup;
  const bool dense = group.method == TableGroupMethod::kDense;
  PricedTable groups{.slots = one ? 1 : dense ? CellsOf(group) : group.group_bound, .columns = {}};
  if (one || sorts.by_cells) {
    if (sorts.by_cells) PriceCellFlags(pricing, group, table);
    PriceGroupFold(pricing, group, table, sorts.by_cells ? static_cast<unsigned>(CellsOf(group)) : 1, sorts.folded, groups);
  }
  for (std::size_t i = 0; i < sorts.sorts.size(); ++i) {
    const bool checks_bound = i == 0 && NeedsGroupBound(group, table.slots);
    PriceGroupSort(pricing, group, table, sorts.sorts[i], i == 0, groups.slots, checks_bound, groups);
  }
  if (!dense) return groups;
  for (std::size_t key = 0; key < group.group_by.size(); ++key) {
    const auto& domain = group.domains[key];
    groups.columns[group.group_by[key]] = {.bits = true, .not_null = std::any_of(domain.begin(), domain.end(), IsNull)};
  }
  return groups;
}

}  // namespace care::planner
