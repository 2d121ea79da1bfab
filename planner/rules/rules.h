// planner/rules/rules.h
//
// Rewrites of the logical plan that need neither costs nor placement. Each rule is a file with its conditions
// as named predicates; rules fire in a fixed order to a fixpoint, so that every party derives the same plan.
// A rule may only shrink what is asked of the owners or of the joint part: it never changes a result, never
// moves an expression that can raise to where it would see more rows, and never crosses the Release.
#pragma once

#include <string_view>

#include "absl/status/statusor.h"
#include "planner/catalog/catalog.h"
#include "planner/logical/logical_plan.h"

namespace care::planner {

// `sql` is the text that positions in the plan refer to.
absl::StatusOr<LogicalPlan> ApplyRules(LogicalPlan plan, const Catalog& catalog, std::string_view sql);

}  // namespace care::planner
