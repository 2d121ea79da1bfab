// engine/exec/node_meter.h
//
// What each node of a plan moved at one party while it ran: payload that this party sent, and rounds. Both follow from public sizes
// and, where rows are sorted, from a secret shuffle, never from the data (docs/protocols/sorting.md); times do not, so there
// are none here.
#pragma once

#include <cstddef>
#include <functional>
#include <vector>

#include "absl/status/status.h"
#include "mpc/cost/cost.h"
#include "planner/physical/physical_plan.h"

namespace care::engine {

class NodeMeter {
 public:
  // `moved`: all that was moved so far.
  NodeMeter(std::size_t nodes, std::function<mpc::Cost()> moved);

  // What moves from here on is this node's.
  void Begin(planner::NodeId id);
  // What moves from here on is no node's.
  void End();
  // What moves meanwhile is no node's: the ledgers' confirmation.
  absl::Status Apart(const std::function<absl::Status()>& meanwhile);

  // What lanes moved beside each other: bytes of all, rounds of the one that had most.
  void Add(const std::vector<std::vector<mpc::Cost>>& lanes);

  const std::vector<mpc::Cost>& nodes() const { return nodes_; }

 private:
  void Credit();

  std::vector<mpc::Cost> nodes_;
  const std::function<mpc::Cost()> moved_;
  mpc::Cost last_;
  std::size_t running_;  // the number of nodes: none
};

}  // namespace care::engine
