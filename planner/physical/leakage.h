// planner/physical/leakage.h
//
// The leakage report: everything that a plan opens, to whom, how much, and by which rule. The executor's
// Protocol is given exactly this list and aborts on any other opening.
#pragma once

#include <vector>

#include "engine/types/disclosure.h"
#include "planner/catalog/catalog.h"
#include "planner/physical/physical_plan.h"

namespace care::planner {

inline constexpr std::uint32_t kSurvivorsDisclosure = 0;  // which cells passed the gate
inline constexpr std::uint32_t kCellsDisclosure = 1;      // the measures of those that did

std::vector<Disclosure> LeakageOf(const PhysicalPlan& plan, const Catalog& catalog);

}  // namespace care::planner
