// engine/exec/tables/table_execution.h
//
// Runs the nodes of a plan over shared tables (planner/physical/table_nodes.h), in order, over the rows that each owner's
// fragments gave: sharing, operators, release control, and the openings. A table is dropped after the last node that reads
// it, and moved into that node where it only adds to it. What runs in partitions runs for one after the other, at the GatherPartitions
// that ends it. All parties make the same calls.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "engine/exec/tables/open_table.h"
#include "engine/exec/tables/share_table.h"

namespace care::engine {

struct TableRun {
  mpc::Protocol& protocol;
  const planner::PhysicalPlan& plan;
  const std::vector<Disclosure>& disclosures;                  // LeakageOf(plan)
  const std::map<planner::NodeId, ColumnBatch>& batches;       // by LocalNode, of the parties that this process holds
  // By LocalNode, of those parties: the rows of one partition of a fragment that enters in partitions, asked for when its turn comes.
  std::function<absl::StatusOr<ColumnBatch>(planner::NodeId local, std::uint32_t partition)> load_partition;
  ColumnTitle title;
  std::uint32_t threshold = 10;
  mpc::LinkSpeed link;
  std::function<absl::Status()> before_open;                   // once, before the first opening of an answer; may be empty
  std::function<void(planner::NodeId, double done)> progress;  // before each run of a node, with the part that is done; may be empty
};

// By release, in the order of OpenTableNode::release; empty where this process is not the recipient's.
absl::StatusOr<std::vector<OpenedTable>> RunTables(const TableRun& run);

}  // namespace care::engine
