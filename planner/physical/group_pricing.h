// planner/physical/group_pricing.h
//
// The prices of a GROUP BY's ways, and the flags that all of them take. Each follows the file of engine/exec/tables that does it,
// price_group_fold.cc group_fold.cc and so on.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <set>
#include <utility>
#include <vector>

#include "planner/physical/group_sorts.h"
#include "planner/physical/table_pricing.h"

namespace care::planner {

// Calls with one key take the same rows: argument, if it can be NULL, and filter.
using FlagKey = std::pair<std::optional<ColumnId>, std::optional<ColumnId>>;

// GroupFlags.
class FlagPrice {
 public:
  FlagPrice(Pricing& pricing, const PricedTable& table, bool has_base) : pricing_(pricing), table_(table), has_base_(has_base) {}

  FlagKey KeyOf(std::optional<ColumnId> argument, std::optional<ColumnId> filter) const {
    const auto found = argument ? table_.columns.find(*argument) : table_.columns.end();
    if (found == table_.columns.end() || !found->second.not_null) argument.reset();
    return {argument, filter};
  }
  // Whether there is one: without, all rows count.
  bool Of(const FlagKey& key) {
    const int planes = (has_base_ ? 1 : 0) + (key.first ? 1 : 0) + (key.second ? 1 : 0);
    if (made_.insert(key).second) {
      for (int plane = 1; plane < planes; ++plane) pricing_.And(table_.slots);
    }
    return planes > 0;
  }

 private:
  Pricing& pricing_;
  const PricedTable& table_;
  const bool has_base_;
  std::set<FlagKey> made_;
};

// GroupByOwner. `stands_by`: rows of one key are neighbours.
PricedTable PriceGroupByOwner(Pricing& pricing, const GroupTableNode& node, PricedTable& table, const IsRead& read, bool stands_by);

// A flag a row and cell, of groups in public domains (group_cells.cc).
void PriceCellFlags(Pricing& pricing, const GroupTableNode& group, PricedTable& table);

// FoldGroups: the calls without a sort, by their positions. Adds their columns to `groups`.
void PriceGroupFold(Pricing& pricing, const GroupTableNode& node, PricedTable& table, unsigned cells,
                    const std::vector<std::size_t>& calls, PricedTable& groups);

// GroupBySort: one sort and the calls that it serves. Adds their columns, and those of the keys, to `result`.
// `with_determined`: and those of the node's that follow from the keys. `checks_bound`: that there are at most `groups`.
void PriceGroupSort(Pricing& pricing, const GroupTableNode& node, PricedTable& table, const GroupSort& sort, bool with_determined,
                    std::uint64_t groups, bool checks_bound, PricedTable& result);

}  // namespace care::planner
