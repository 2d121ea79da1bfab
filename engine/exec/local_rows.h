// engine/exec/local_rows.h
//
// The clear part of a query at one owner: its fragments, read from one snapshot of its database and checked
// against what the plan counts on, all before anything is shared. An owner whose data break a declared bound
// ends the query here, with an error that names table and rule and carries no cell. Rows that enter in partitions are written to
// disk at once (partitions/), so that one fragment's rows are in memory at a time beside those that enter whole.
#pragma once

#include <map>
#include <memory>
#include <vector>

#include "absl/status/statusor.h"
#include "engine/exec/executor.h"
#include "engine/exec/partitions/partitioned_rows.h"
#include "engine/types/column_batch.h"

namespace care::engine {

// By LocalNode; of the parties that this process holds.
struct LocalRows {
  std::map<planner::NodeId, ColumnBatch> batches;
  std::map<planner::NodeId, std::vector<mpc::JoinKey>> keys;  // of fragments with a join key, row by row
  // By LocalNode: the rows of those that are shared in partitions, which wait on disk.
  std::unique_ptr<SpillFile> spill;
  std::map<planner::NodeId, PartitionedRows> partitions;
};

// Reads again, a few times, where a connector returns Aborted. ResourceExhausted beyond a public bound, FailedPrecondition for a repeated key, and the connector's errors.
absl::StatusOr<LocalRows> RunLocalFragments(const ExecutionContext& context);

}  // namespace care::engine
