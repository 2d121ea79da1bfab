// planner/physical/gate_cost.h
//
// What the release gate costs: walks engine/release/gate.cc and engine/exec/tables/gate_table.cc, call for call, over shapes
// alone. They change together.
#pragma once

#include <cstdint>
#include <vector>

#include "mpc/cost/cost.h"

namespace care::planner {

// `counts`: how many person counts the gate looks at, each below 2^count_bits; for the usual threshold of 10.
mpc::Cost GateCost(const std::vector<std::uint32_t>& dimensions, unsigned count_bits, unsigned counts,
                   bool person_in_one_cell);
// Of groups in `rows` slots of no public order, which are one margin.
mpc::Cost MarginCost(std::uint64_t rows, unsigned count_bits, unsigned counts, bool person_in_one_cell);

}  // namespace care::planner
