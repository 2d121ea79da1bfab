// planner/physical/query_link.h
//
// How fast the links are that a query runs over, as the federation file declares them for the query's class: what the planner
// chooses by, what EXPLAIN expects, and what operators that can work in several ways choose by.
#pragma once

#include "mpc/cost/link_speed.h"
#include "planner/catalog/catalog.h"
#include "planner/physical/plan_inputs.h"

namespace care::planner {

mpc::LinkSpeed LinkOf(const Catalog& catalog, const PlanInputs& inputs);

}  // namespace care::planner
