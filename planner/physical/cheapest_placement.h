// planner/physical/cheapest_placement.h
//
// The general placement of a query by the way that is expected to take least time over the link in force: as the rules of
// placement have it, in another join order, or with one of the rules left out. A few ways are placed as a whole and priced
// (plan_cost.h); what one operator decides for itself is decided within each (choose_methods.h). Integers of public sizes only, so
// that all parties choose alike.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "mpc/cost/link_speed.h"
#include "planner/physical/plan_query.h"
#include "planner/physical/table_placement.h"

namespace care::planner {

struct PricedPlacement {
  std::string name;  // what is different from the rules' own
  TablePlacement placement;
  PlanCost cost;
};

// The quickest first, the rules' own where it takes no longer; never none. An error is that of the rules' own.
absl::StatusOr<std::vector<PricedPlacement>> PlaceTablesInSomeWays(const LogicalPlan& logical, const Catalog& catalog, std::string_view sql,
                                                                   bool all_secret, const mpc::LinkSpeed& link);

}  // namespace care::planner
