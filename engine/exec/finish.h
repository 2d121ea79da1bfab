// engine/exec/finish.h
//
// The recipient's arithmetic on what was released: averages, ratios and statistics with PostgreSQL's digits, HAVING,
// projection, set operations, windows, grouping sets, ORDER BY, LIMIT. A value that needs a hidden cell is NULL and marked as
// suppressed; sorted, it comes last.
#pragma once

#include <cstdint>
#include <vector>

#include "absl/status/statusor.h"
#include "engine/exec/executor.h"
#include "engine/exec/released_rows.h"

namespace care::engine {

// What a star opens: the cells of its one release.
struct OpenedCells {
  std::vector<bool> survives;                         // by cell
  std::vector<std::vector<std::int64_t>> by_measure;  // measure, cell; 0 where hidden
};

absl::StatusOr<ReleasedTable> Finish(const planner::PhysicalPlan& plan, const planner::CellsNode& cells,
                                     const OpenedCells& opened, std::uint32_t threshold);

// Of any plan. `releases` are the rows of its Releases, in the order of a left-to-right walk of `finish`, each with (at least)
// the columns that the Release yields.
absl::StatusOr<ReleasedTable> FinishRows(const planner::LogicalPtr& finish, std::vector<ReleasedRows> releases,
                                         const std::vector<planner::OutputColumn>& output, std::uint32_t threshold);

}  // namespace care::engine
