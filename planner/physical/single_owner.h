// planner/physical/single_owner.h
//
// A query over one owner's tables: the owner aggregates in its own database, and only its cells are shared.
// Nobody skips the gate: the cells pass it inside MPC like any others, so the owner learns nothing of a
// question that another party asked, and the recipient sees no cell that is too small.
#pragma once

#include <string_view>

#include "absl/status/statusor.h"
#include "planner/catalog/catalog.h"
#include "planner/physical/physical_plan.h"

namespace care::planner {

absl::StatusOr<PhysicalPlan> PlaceAtOneOwner(const AggregateNode& top, const LogicalPlan& plan,
                                             const Catalog& catalog, std::string_view sql, PartyId owner);

}  // namespace care::planner
