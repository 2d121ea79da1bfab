// planner/physical/fit_memory.h
//
// Keeps a plan over shared tables within what the federation file lets a joint query take of a party's memory: one that takes more
// by estimate (table_cost.h) runs in partitions, as few as do (partition_tables.h). What cannot, runs as it is: an estimate is no
// reason to refuse, except where one owner's part alone is more than memory is meant for.
#pragma once

#include <string_view>

#include "absl/status/status.h"
#include "mpc/cost/link_speed.h"
#include "planner/catalog/catalog.h"
#include "planner/physical/physical_plan.h"

namespace care::planner {

// Whether a star (star_placement.h), whose nodes run on all rows at once, takes more, or partitions are asked for whatever it takes.
bool StarNeedsPartitions(const PhysicalPlan& star, const Catalog& catalog);

bool RunsInPartitions(const PhysicalPlan& plan);

// `sql` is quoted in refusals.
absl::Status FitMemory(PhysicalPlan& plan, const Catalog& catalog, const mpc::LinkSpeed& link, std::string_view sql);

}  // namespace care::planner
