// planner/physical/partition_columns.h
//
// What a plan that runs in partitions must keep, read from its nodes alone: the validator's part, and deliberately not the code
// that made the plan (partition_tables.h).
//
// A node below a GatherPartitions runs once for each partition of the rows that it reads. What it yields over all partitions is
// what it would yield of all rows at once, if rows that meet agree on a column by which they are partitioned. Such columns are
// followed from the ShareTables upward.
#pragma once

#include <set>
#include <vector>

#include "absl/status/statusor.h"
#include "planner/physical/physical_plan.h"

namespace care::planner {

// By node.
struct PartitionColumns {
  // Rows of one value of such a column are all in one partition, but those where it is NULL, which are in any; none outside of
  // partitions, and none of what ends them.
  std::vector<std::set<ColumnId>> columns;
  // A GROUP BY or an order of which each partition yields a part.
  std::vector<bool> is_partial;
};

// InternalError with the rule that is broken.
absl::StatusOr<PartitionColumns> FindPartitionColumns(const PhysicalPlan& plan);

}  // namespace care::planner
