// engine/exec/local/window_values.h
//
// Window functions over rows that are already in order: of an owner's rows and of released ones alike. The frame is the one
// that PostgreSQL takes where none is written: up to the current row's last peer if there is an ORDER BY, otherwise the whole
// partition (then all rows of a partition are peers).
#pragma once

#include <cstdint>
#include <vector>

#include "absl/status/statusor.h"
#include "engine/exec/local/row_operations.h"
#include "engine/types/value.h"
#include "planner/logical/logical_plan.h"

namespace care::engine {

struct WindowOrder {
  std::vector<RowNumber> rows;              // partition by partition, each in its order
  std::vector<std::uint8_t> new_partition;  // by position in `rows`: 1 where a partition begins
  std::vector<std::uint8_t> new_peers;      // 1 where rows begin that ORDER BY does not tell apart
};

// By row, not by position. `arguments` and `fallbacks` are by row too; empty where the call has none.
absl::StatusOr<std::vector<Value>> ComputeWindow(const planner::WindowCall& call, const WindowOrder& order,
                                                 const std::vector<Value>& arguments,
                                                 const std::vector<Value>& fallbacks);

}  // namespace care::engine
