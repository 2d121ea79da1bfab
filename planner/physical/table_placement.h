// planner/physical/table_placement.h
//
// The general placement: any query that binds, over any number of owners. Maximal subtrees of one owner become fragments that it
// runs alone; every other operator becomes one over shared tables (table_nodes.h). A star around one key has a cheaper plan
// (star_placement.h), which PlanQuery tries first.
//
// Operators are chosen by what is publicly known: a join is a private lookup while one owner knows the order of the left slots
// and the keys in them, else a sort; groups are dense where their domains are public and small, else sorted. A bound that is not
// declared is a refusal that says what to declare.
#pragma once

#include <string_view>

#include "absl/status/statusor.h"
#include "mpc/cost/link_speed.h"
#include "planner/catalog/catalog.h"
#include "planner/logical/logical_plan.h"
#include "planner/physical/physical_plan.h"

namespace care::planner {

// Most slots of a shared table, and most of a join without a key.
inline constexpr std::uint64_t kMostTableSlots = std::uint64_t{1} << 28;
inline constexpr std::uint64_t kMostProductSlots = std::uint64_t{1} << 22;
// Of one owner's part in shared form, or of one partition of it (fit_memory.h).
inline constexpr std::uint64_t kMostTableBytes = std::uint64_t{2} << 30;
inline constexpr std::uint64_t kMostMatches = 256;

struct TablePlacement {
  LogicalPlan logical;  // rewritten for placement; its root is what runs above the releases
  PhysicalPlan plan;    // nodes and columns; the rest is the caller's
};

// Ways to place one query: each gives the same answer, at another price (cheapest_placement.h).
struct PlacementChoices {
  unsigned join_order = 0;         // TableRuleOptions
  bool aggregates_early = true;    // the rules of table_rules.h
  bool joins_after_groups = true;
  bool compacts = true;            // leaves out slots of joins that can hold no row
};

// `logical` is bound and rewritten by the rules of every plan. `sql` is quoted in refusals.
absl::StatusOr<TablePlacement> PlaceTables(LogicalPlan logical, const Catalog& catalog, std::string_view sql,
                                           bool all_secret, const mpc::LinkSpeed& link = {},
                                           const PlacementChoices& choices = {});

}  // namespace care::planner
