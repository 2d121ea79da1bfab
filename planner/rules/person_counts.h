// planner/rules/person_counts.h
//
// What the release gate needs to know: how many distinct persons stand behind each group of a released aggregate, and how many
// of them contribute to each of its values. The counts become calls of the aggregate like any others, before any rewrite, so
// that no rewrite can forget them. Tables with `persons = false` and public ones count nobody.
#pragma once

#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "planner/catalog/catalog.h"
#include "planner/logical/logical_plan.h"

namespace care::planner {

// Of one Release, in the order of a left-to-right walk.
struct PersonGuard {
  std::vector<ColumnId> counts;  // persons first; empty: no person stands behind the rows
  bool person_in_one_cell = false;
};

// Adds the calls to the plan. InvalidArgument where a subquery forgot the persons.
absl::StatusOr<std::vector<PersonGuard>> CountPersons(LogicalPlan& plan, const Catalog& catalog, std::string_view sql);

}  // namespace care::planner
