// planner/physical/gate_cost.h
//
// What the release gate costs: walks engine/release/gate.cc, call for call, over shapes alone. The two files
// change together.
#pragma once

#include <cstdint>
#include <vector>

#include "mpc/cost/cost.h"

namespace care::planner {

// `counts`: how many person counts the gate looks at, each below 2^count_bits; for the usual threshold of 10.
mpc::Cost GateCost(const std::vector<std::uint32_t>& dimensions, unsigned count_bits, unsigned counts,
                   bool person_in_one_cell);

}  // namespace care::planner
