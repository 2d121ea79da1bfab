// engine/exec/finish.h
//
// The recipient's arithmetic on released cells: averages and ratios with PostgreSQL's digits, HAVING,
// projection, ORDER BY, LIMIT. A value that needs a hidden cell is NULL and marked as suppressed; sorted, it
// comes last.
#pragma once

#include <cstdint>
#include <vector>

#include "absl/status/statusor.h"
#include "engine/exec/executor.h"

namespace care::engine {

struct OpenedCells {
  std::vector<bool> survives;                         // by cell
  std::vector<std::vector<std::int64_t>> by_measure;  // measure, cell; 0 where hidden
};

absl::StatusOr<ReleasedTable> Finish(const planner::PhysicalPlan& plan, const planner::CellsNode& cells,
                                     const OpenedCells& opened, std::uint32_t threshold);

}  // namespace care::engine
