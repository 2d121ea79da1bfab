// planner/physical/operator_openings.h
//
// What joining, grouping, windows, ordering and compacting tables open: each entry in the order in which the operator takes it
// (engine/exec/tables), so that the two agree by position. All of it goes to every party and is independent of the data: orders
// of uniformly random permutations, and one bit wherever a declared bound that no owner can check alone might be broken. Ids are given by who
// collects them.
#pragma once

#include <cstdint>
#include <vector>

#include "engine/types/disclosure.h"
#include "planner/physical/physical_plan.h"

namespace care::planner {

// Whether most_matches is a promise that the join checks: kSort, but for kSemi and kAnti without residual, where repeated keys
// do no harm.
bool NeedsMatchBound(const JoinTablesNode& join);

std::vector<Disclosure> JoinOpenings(const JoinTablesNode& join, std::uint64_t left_slots,
                                     std::uint64_t right_slots);
// Whether fewer groups than rows were promised: how many rows refer to another table's key is known to no owner alone.
bool NeedsGroupBound(const GroupTableNode& group, std::uint64_t slots);
std::vector<Disclosure> GroupOpenings(const GroupTableNode& group, std::uint64_t slots);
std::vector<Disclosure> WindowOpenings(std::uint64_t slots);
std::vector<Disclosure> TopOpenings(std::uint64_t slots);
std::vector<Disclosure> CompactOpenings(std::uint64_t slots);

}  // namespace care::planner
