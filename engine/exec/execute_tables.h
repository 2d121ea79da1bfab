// engine/exec/execute_tables.h
//
// Executes a plan over shared tables: fragments at their owners, the table nodes (tables/table_execution.h), and at the recipient
// what stands above the releases (finish.h).
#pragma once

#include <optional>

#include "absl/status/statusor.h"
#include "engine/exec/executor.h"

namespace care::engine {

absl::StatusOr<std::optional<ReleasedTable>> ExecuteTables(ExecutionContext& context);

}  // namespace care::engine
