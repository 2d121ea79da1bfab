// Follows engine/exec/tables/group_by_owner.cc.
#include <algorithm>
#include <bit>
#include <map>
#include <set>

#include "mpc/cost/relational_cost.h"
#include "planner/physical/group_pricing.h"

namespace care::planner {
namespace {

// mpc::RingWidthFor, which the planner does not link.
unsigned CountWidth(std::uint64_t count) { return std::min(64u, static_cast<unsigned>(std::bit_width(count)) + 1); }

}  // namespace

PricedTable PriceGroupByOwner(Pricing& pricing, const GroupTableNode& node, PricedTable& table, const IsRead& read, bool stands_by) {
  const std::uint64_t slots = table.slots, groups = node.group_bound;
  const unsigned count_width = groups <= slots / 8 ? CountWidth(slots) : 64;
  const unsigned bits = CountWidth(slots);
  FlagPrice flags(pricing, table, /*has_base=*/true);
  std::map<FlagKey, std::set<ColumnId>> sums = {{FlagKey{}, {}}};
  PricedTable result{.slots = groups, .columns = {}};
  for (const NamedAggregate& named : node.calls) {
    const bool is_sum = named.call.function == AggregateFunction::kSum;
    std::set<ColumnId>& of_flag = sums[flags.KeyOf(ColumnOf(named.call.argument), ColumnOf(named.call.filter))];
    if (is_sum) of_flag.insert(*ColumnOf(named.call.argument));
    result.columns[named.column] = {.ring = true, .not_null = is_sum};
  }
  unsigned rings[2] = {0, 0}, counts[2] = {0, 0};  // wide, narrow
  for (const auto& [key, arguments] : sums) {
    flags.Of(key);
    const int narrow = arguments.empty() ? 1 : 0;
    pricing.Add(mpc::BitsToRingCost(slots, 1, narrow ? count_width : 64));
    for (const ColumnId argument : arguments) pricing.RingOf(table, argument);
    pricing.Add(mpc::MultiplyEachCost(slots, static_cast<unsigned>(arguments.size())));
    rings[narrow] += 1 + static_cast<unsigned>(arguments.size());
    ++counts[narrow];
  }
  for (const int narrow : {0, 1}) {
    if (rings[narrow] == 0) continue;
    const unsigned width = narrow ? count_width : 64;
    if (!stands_by) pricing.Add(mpc::GatherByOwnerCost(slots, slots, 0, rings[narrow], width));
    pricing.Add(mpc::GatherByOwnerCost(slots + groups, groups, 0, rings[narrow], width));
  }
  for (const int narrow : {0, 1}) {
    if (counts[narrow] == 0) continue;
    const std::uint64_t rows = counts[narrow] * groups;
    pricing.Add(mpc::RingToBitsCost(rows, bits));
    pricing.Add(mpc::LessThanPublicCost(rows, bits, 1));
    if (narrow && count_width != 64) pricing.UnsignedToRing(rows, bits);
  }
  unsigned planes = 0;
  for (const std::vector<ColumnId>* const list : {&node.group_by, &node.determined}) {
    for (const ColumnId column : *list) {
      if (!read(column)) continue;
      const bool nullable = pricing.columns()[column].nullable;
      planes += pricing.Width(column) + (nullable ? 1 : 0);
      result.columns[column] = {.bits = true, .not_null = nullable};
    }
  }
  if (planes > 0) pricing.Add(mpc::InputBitsCost(groups, planes));
  return result;
}

}  // namespace care::planner
