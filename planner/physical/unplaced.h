// planner/physical/unplaced.h
//
// What the star placement does not know, refused by name before it is tried: it must never meet a node or an aggregate that
// it would take for another.
#pragma once

#include <string_view>

#include "absl/status/status.h"
#include "planner/catalog/catalog.h"
#include "planner/logical/logical_plan.h"

namespace care::planner {

// `top` is the released aggregate of a query over several owners.
absl::Status RefuseOutsideStar(const AggregateNode& top, const LogicalPlan& plan, const Catalog& catalog, std::string_view sql);

}  // namespace care::planner
