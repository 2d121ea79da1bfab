// engine/exec/local/local_join.h
//
// Joins at the owner: hash on the condition's equalities between the two sides, then the rest of the condition
// over the pairs that remain. NULL keys match nothing. Without an equality every pair is tried.
#pragma once

#include "absl/status/statusor.h"
#include "engine/types/column_batch.h"
#include "planner/logical/logical_plan.h"

namespace care::engine {

// Inner, cross, left, semi and anti; a full join is Unimplemented.
absl::StatusOr<ColumnBatch> EvaluateJoin(const planner::JoinNode& join, const ColumnBatch& left,
                                         const ColumnBatch& right);

}  // namespace care::engine
