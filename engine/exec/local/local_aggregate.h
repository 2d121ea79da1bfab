// engine/exec/local/local_aggregate.h
//
// GROUP BY at the owner: groups by hashing the key cells, in order of first appearance. NULL keys form one
// group; without keys there is one group even of no rows. Sums are held in 128 bits and must fit 64 at the end.
#pragma once

#include <vector>

#include "absl/status/statusor.h"
#include "engine/types/column_batch.h"
#include "planner/logical/logical_plan.h"

namespace care::engine {

absl::StatusOr<ColumnBatch> EvaluateAggregate(const planner::AggregateNode& aggregate, const ColumnBatch& child,
                                              const std::vector<planner::ColumnInfo>& columns);

}  // namespace care::engine
