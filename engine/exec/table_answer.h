// engine/exec/table_answer.h
//
// Executes a plan over shared tables at one party: its fragments in the clear, the joint nodes (engine/exec/tables), and at the
// recipient what was opened, as rows that the operators above the releases compute with. A cell of public domains that did not
// survive is a row that may stand or not, with everything but its keys hidden; other hidden groups are not there at all.
#pragma once

#include <optional>

#include "absl/status/statusor.h"
#include "engine/exec/executor.h"

namespace care::engine {

// How errors call a column.
std::string TitleOf(const ExecutionContext& context, planner::ColumnId column);

absl::StatusOr<std::optional<ReleasedTable>> ExecuteTables(const ExecutionContext& context);

}  // namespace care::engine
