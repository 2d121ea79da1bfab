// engine/exec/tables/group_table.h
//
// GroupTableNode: a row a group, by the sorts and folds that planner/physical/group_sorts.h plans. NULL keys are a group.
// SUM, MIN, MAX and percentiles of no value are NULL; counts are zero. Columns: the keys' bits, sums and counts in the ring,
// MIN, MAX, BOOL_AND, BOOL_OR and percentiles in bits of the call's column's shape.
//
//   kSorted    group_bound slots: the groups first
//   kDense     a slot a cell, in the domains' order; valid where a row is in it
//   kOneGroup  one slot, valid
//   kByOwner   group_bound slots in their owner's order (group_by_owner.h)
//
// PERCENTILE_CONT is not supported (InvalidArgument).
#pragma once

#include "absl/status/statusor.h"
#include "engine/exec/tables/shared_table.h"

namespace care::engine {

absl::StatusOr<SharedTable> GroupTable(TableContext& context, const planner::GroupTableNode& node,
                                       planner::NodeId id);

}  // namespace care::engine
