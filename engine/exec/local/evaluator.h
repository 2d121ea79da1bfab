// engine/exec/local/evaluator.h
//
// Runs a local fragment at its owner: in the owner's database as far as the connector's dialect profile
// reaches, and here, over columns in memory, from there on up. The answer is PostgreSQL's either way; only
// where the work is done differs, so no other party can tell and no plan depends on it.
//
// The subtree is cut from the top: an operator that the connector does not support is evaluated here over its
// children, each of which is tried in the database again. A scan is always supported.
#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "connectors/connector.h"
#include "engine/types/column_batch.h"
#include "planner/logical/logical_plan.h"

namespace care::engine {

// Requires an open snapshot. Columns are those of OutputColumns(node), in order, named connectors::ColumnName.
// `columns` are the plan's, by ColumnId. A value that leaves its type's range is OutOfRange, without the value.
absl::StatusOr<ColumnBatch> RunFragment(const planner::LogicalNode& node, connectors::Connector& connector,
                                        const std::vector<planner::ColumnInfo>& columns);

// The statements that RunFragment would send to the database, in its order: for EXPLAIN.
absl::StatusOr<std::vector<std::string>> FragmentSql(const planner::LogicalNode& node,
                                                     const connectors::Connector& connector);

// One operator over its children's rows (one batch for each child, in order; columns named as above). Scans and
// releases are not evaluated here: Internal.
absl::StatusOr<ColumnBatch> EvaluateOperator(const planner::LogicalNode& node, std::vector<ColumnBatch> children,
                                             const std::vector<planner::ColumnInfo>& columns);

}  // namespace care::engine
