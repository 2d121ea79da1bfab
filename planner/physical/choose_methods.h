// planner/physical/choose_methods.h
//
// Of operators that can be executed in more than one way, the one that takes least time over the link in force: private lookups or
// sort joins, flags or a sort for groups of public domains. Forms of columns must be chosen before (table_forms.h), since prices
// depend on them. Integers of public sizes only, so that all parties choose alike.
#pragma once

#include "mpc/cost/link_speed.h"
#include "planner/physical/physical_plan.h"

namespace care::planner {

// Sets methods and what EXPLAIN says of them.
void ChooseMethods(PhysicalPlan& plan, const mpc::LinkSpeed& link);

}  // namespace care::planner
