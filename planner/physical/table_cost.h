// planner/physical/table_cost.h
//
// What each node over shared tables (table_nodes.h) moves: bytes over all links, and rounds, as engine/exec/tables executes it; over
// all its runs where it runs in partitions.
// table_pricing.h says how exactly.
#pragma once

#include <map>
#include <vector>

#include "planner/physical/table_pricing.h"

namespace care::planner {

struct TableCosts {
  std::vector<mpc::Cost> nodes;  // by node; nothing for those that are not over tables
  // Of nodes that could be executed in another way, what that would cost: of a lookup a sort join, of dense groups with a flag a
  // cell a sort, and the other way round.
  std::map<NodeId, mpc::Cost> other_ways;
  // What the plan takes of a party's memory at most, by estimate: the tables that wait, several times what an operator reads while it
  // runs, and the rows of the owner that has most. Calibrated on care bench: sort-64 takes 132 bytes a row, sort-join 645.
  std::uint64_t peak_bytes = 0;
  bool is_known = true;          // false of a plan that its validator refuses
};

TableCosts TableCostsOf(const PhysicalPlan& plan, const mpc::LinkSpeed& link);

}  // namespace care::planner
