// planner/physical/validator.h
//
// The last look at a plan before it may run: separate code that trusts nothing that placement wrote down and
// recomputes every property that safety rests on. A plan that fails is our mistake, never the analyst's, so
// the error is Internal and names the rule.
#pragma once

#include <vector>

#include "absl/status/status.h"
#include "engine/types/disclosure.h"
#include "planner/catalog/catalog.h"
#include "planner/physical/physical_plan.h"

namespace care::planner {

absl::Status ValidatePlan(const PhysicalPlan& plan, const std::vector<Disclosure>& disclosures, const Catalog& catalog);

}  // namespace care::planner
