// planner/physical/plan_cost.h
//
// What a plan moves between the parties: bytes of payload over all links together, and rounds, by the exact
// formulas of mpc/cost applied to the calls that the executor makes. A pure function of the plan in saturating
// integers, so that all parties choose the same placement.
//
// Exact by construction: shared inputs, lookups with their masks, row spaces, segment sums, dot products,
// opening. Estimated: the gate (its work depends on the thresholds agreed later), and conditions whose
// constants cheapen a comparison. TLS and framing come on top.
#pragma once

#include "planner/physical/physical_plan.h"
#include "planner/physical/plan_query.h"

namespace care::planner {

PlanCost CostOf(const PhysicalPlan& plan);

}  // namespace care::planner
