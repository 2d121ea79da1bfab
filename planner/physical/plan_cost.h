// planner/physical/plan_cost.h
//
// What a plan moves between the parties: bytes of payload over all links together, and rounds, by the exact
// formulas of mpc/cost applied to the calls that the executor makes, node by node. A pure function of the
// plan in integers, so that all parties choose the same placement. Sizes beyond 2^36 slots count as 2^36, and
// sums saturate: such plans are refused elsewhere, and here they only must not look cheap.
//
// Exact in bytes: every node but sorts, whose expectation counts (table_cost.h), and the gate. The gate assumes a threshold of 10, because thresholds are agreed
// after planning; another one moves its bytes by a few percent. Rounds are those of one call after the other.
// TLS and framing come on top. Computation in an owner's database is not counted.
#pragma once

#include "mpc/cost/link_speed.h"
#include "planner/physical/physical_plan.h"
#include "planner/physical/plan_query.h"

namespace care::planner {

PlanCost CostOf(const PhysicalPlan& plan, const mpc::LinkSpeed& link);

}  // namespace care::planner
