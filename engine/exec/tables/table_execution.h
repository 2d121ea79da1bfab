// engine/exec/tables/table_execution.h
//
// Runs the nodes of a plan over shared tables (planner/physical/table_nodes.h), in order, over the rows that each owner's
// fragments gave: sharing, operators, release control, and the openings. A table is dropped after the last node that reads
// it, and moved into that node where it only adds to it. What runs in partitions runs for one after the other, or several at
// a time on lanes, at the GatherPartitions that ends it. All parties make the same calls, on each lane in the same order.
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

// A thread's own protocol, over links of its own, to run partitions with while others do; the keys of each are others.
struct TableLane {
  mpc::Protocol* protocol = nullptr;
  std::function<void(planner::NodeId)> begin;  // before each run of a node, on the lane's thread; may be empty
};

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
  // Partitions run on these, several at a time; without any, one after the other with `protocol`.
  std::vector<TableLane> lanes;
  // On the first failure of a lane, so that no other waits for a message that will not come.
  std::function<void(const absl::Status&)> give_up;
  std::function<absl::Status()> before_open;                   // once, before the first opening of an answer; may be empty
  std::function<void(planner::NodeId)> begin;  // before each run of a node with `protocol`; may be empty
  std::function<void()> pause;                 // before lanes run; may be empty
  // For whoever waits, on the calling thread; may be empty.
  std::function<void(planner::NodeId, double done)> progress;
};

// By release, in the order of OpenTableNode::release; empty where this process is not the recipient's.
absl::StatusOr<std::vector<OpenedTable>> RunTables(const TableRun& run);

}  // namespace care::engine
