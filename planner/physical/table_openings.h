// planner/physical/table_openings.h
//
// What a node over shared tables opens, in the order in which the executor takes the entries: a pure function of the plan.
// LeakageOf numbers them, node after node. Ids are not set here.
#pragma once

#include <vector>

#include "engine/types/disclosure.h"
#include "planner/physical/physical_plan.h"

namespace care::planner {

std::vector<Disclosure> TableOpenings(const PhysicalPlan& plan, NodeId node);

}  // namespace care::planner
