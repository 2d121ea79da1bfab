// engine/exec/local/local_window.h
//
// Window functions over an owner's rows.
#pragma once

#include "absl/status/statusor.h"
#include "engine/types/column_batch.h"
#include "planner/logical/logical_plan.h"

namespace care::engine {

// The child's columns and rows, in their order, and a column for each call.
absl::StatusOr<ColumnBatch> EvaluateWindow(const planner::WindowNode& window, const ColumnBatch& child);

}  // namespace care::engine
