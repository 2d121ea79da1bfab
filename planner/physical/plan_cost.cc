#include "planner/physical/plan_cost.h"

#include "mpc/cost/cost.h"

namespace care::planner {

PlanCost CostOf(const PhysicalPlan& plan) {
  PlanCost cost;
  for (const PhysicalNode& node : plan.nodes) {
    mpc::Cost own;
    if (const auto* local = std::get_if<LocalNode>(&node)) own = mpc::InputRingCost(local->row_bound);
    cost.node_bytes_and_rounds.emplace_back(own.bytes, own.rounds);
    cost.bytes += own.bytes;
    cost.rounds += own.rounds;
  }
  return cost;
}

}  // namespace care::planner
