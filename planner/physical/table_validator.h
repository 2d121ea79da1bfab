// planner/physical/table_validator.h
//
// The validator's half for plans over shared tables (validator.h says what a validator is for). From the fragments upwards, by
// code that placement does not share: every column that a node reads is one that its inputs have; what is computed jointly can
// be; a lookup has three different compute parties, keys that the spine's owner knows in the clear and an arm in which each key
// is once; groups in public slots stand in the order of public domains; and whatever opens has passed a gate with
// counts, unless no table of persons is below it. That those count persons is placement's work alone, as is that `determined`
// columns of groups follow from the keys.
#pragma once

#include "absl/status/status.h"
#include "planner/catalog/catalog.h"
#include "planner/physical/physical_plan.h"

namespace care::planner {

// Whether a plan is one over shared tables.
bool IsTablePlan(const PhysicalPlan& plan);

// Internal: our mistake, never the analyst's.
absl::Status ValidateTables(const PhysicalPlan& plan, const Catalog& catalog);

}  // namespace care::planner
