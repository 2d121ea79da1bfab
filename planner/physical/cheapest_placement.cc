#include "planner/physical/cheapest_placement.h"

#include <algorithm>
#include <utility>

#include "engine/types/status_macros.h"
#include "planner/physical/plan_cost.h"

namespace care::planner {
namespace {

// Beside the rules' own: planning is to take milliseconds.
constexpr std::size_t kMostOthers = 3;

struct Way {
  std::string name;
  PlacementChoices choices;
};

bool HasFired(const LogicalPlan& plan, std::string_view rule) {
  return std::find(plan.rules.begin(), plan.rules.end(), rule) != plan.rules.end();
}

std::vector<Way> OtherWays(const TablePlacement& own) {
  std::vector<Way> ways;
  std::size_t joins = 0, compactions = 0;
  for (const PhysicalNode& node : own.plan.nodes) {
    joins += std::holds_alternative<JoinTablesNode>(node) ? 1 : 0;
    compactions += std::holds_alternative<CompactTableNode>(node) ? 1 : 0;
  }
  if (joins > 1) ways.push_back({"in another join order", {.join_order = 1}});
  if (joins > 0 && HasFired(own.logical, "aggregate early")) ways.push_back({"without adding up early", {.aggregates_early = false}});
  if (joins > 0 && HasFired(own.logical, "join after groups")) ways.push_back({"without joining after groups", {.joins_after_groups = false}});
  if (compactions > 0) ways.push_back({"without compacting joins", {.compacts = false}});
  if (ways.size() > kMostOthers) ways.resize(kMostOthers);
  return ways;
}

}  // namespace

absl::StatusOr<std::vector<PricedPlacement>> PlaceTablesInSomeWays(const LogicalPlan& logical, const Catalog& catalog, std::string_view sql,
                                                                   bool all_secret, const mpc::LinkSpeed& link) {
  std::vector<PricedPlacement> placements(1);
  CARE_ASSIGN_OR_RETURN(placements[0].placement, PlaceTables(logical, catalog, sql, all_secret, link));
  placements[0].name = "as the rules have it by bounds";
  placements[0].cost = CostOf(placements[0].placement.plan, link);
  for (const Way& way : OtherWays(placements[0].placement)) {
    absl::StatusOr<TablePlacement> placed = PlaceTables(logical, catalog, sql, all_secret, link, way.choices);
    // What only the rules make possible is no other way.
    if (!placed.ok()) continue;
    PlanCost cost = CostOf(placed->plan, link);
    const bool is_new = cost.is_known && std::none_of(placements.begin(), placements.end(), [&](const PricedPlacement& other) {
      return other.cost.bytes == cost.bytes && other.cost.rounds == cost.rounds;
    });
    if (is_new) placements.push_back({way.name, *std::move(placed), std::move(cost)});
  }
  std::stable_sort(placements.begin(), placements.end(), [&](const PricedPlacement& a, const PricedPlacement& b) {
    return mpc::ElapsedMicroseconds({a.cost.bytes, a.cost.rounds}, link) < mpc::ElapsedMicroseconds({b.cost.bytes, b.cost.rounds}, link);
  });
  return placements;
}

}  // namespace care::planner
