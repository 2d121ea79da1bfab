// engine/exec/local/set_operation.h
//
// UNION, INTERSECT and EXCEPT with PostgreSQL's multiplicities, and rows of constants.
#pragma once

#include <vector>

#include "absl/status/statusor.h"
#include "engine/types/column_batch.h"
#include "planner/logical/logical_plan.h"

namespace care::engine {

// Rows are equal where all cells are, NULL equal to NULL. With ALL a row stands as often as in both inputs together (UNION),
// in the one that has fewer (INTERSECT), or more often in the first (EXCEPT); without, once.
absl::StatusOr<ColumnBatch> EvaluateSetOperation(const planner::SetOperationNode& operation,
                                                 const std::vector<ColumnBatch>& inputs,
                                                 const std::vector<planner::ColumnInfo>& columns);
absl::StatusOr<ColumnBatch> EvaluateValues(const planner::ValuesNode& values,
                                           const std::vector<planner::ColumnInfo>& columns);

// Which rows a set operation keeps, given how often the row's equals stood before it in its own input (`earlier`) and how
// often they stand in the second input (`elsewhere`). Of the first input's rows, UNION apart.
bool KeepsRow(const planner::SetOperationNode& operation, std::uint64_t earlier, std::uint64_t elsewhere);

}  // namespace care::engine
