// engine/exec/partitions/partitioned_rows.h
//
// An owner's rows in partitions by a keyed hash of one column (planner/physical/partition_tables.h), on disk until their partition's
// turn comes. Rows of a partition stay in their order; those without a value match nothing and are spread over all.
//
// The hash is AES-128 of the value's canonical form under a key that all owners derive from the query's session, which nobody knows
// before it begins: no data can be made to fall into one partition, and the bound on a partition's rows holds whatever they are.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "engine/exec/partitions/spill_file.h"
#include "engine/types/column_batch.h"
#include "planner/physical/table_nodes.h"

namespace care::engine {

using PartitionKey = std::array<std::uint8_t, 16>;
PartitionKey DerivePartitionKey(std::string_view session_id, std::string_view plan_digest);

class PartitionedRows {
 public:
  // ResourceExhausted where a partition has more rows than its public bound; `title` names the column then. `file` must outlive
  // this.
  static absl::StatusOr<PartitionedRows> Spill(const ColumnBatch& batch, const planner::SharePartitions& partitions,
                                               const PartitionKey& key, std::string_view title, SpillFile& file);

  absl::StatusOr<ColumnBatch> Load(std::uint32_t partition) const;

 private:
  ColumnBatch header_;  // names and types
  std::vector<std::uint64_t> rows_;
  std::vector<SpillRange> ranges_;
  const SpillFile* file_ = nullptr;
};

}  // namespace care::engine
