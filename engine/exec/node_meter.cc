#include "engine/exec/node_meter.h"

#include <algorithm>
#include <utility>

namespace care::engine {

NodeMeter::NodeMeter(std::size_t nodes, std::function<mpc::Cost()> moved)
    : nodes_(nodes), moved_(std::move(moved)), last_(moved_()), running_(nodes) {}

void NodeMeter::Credit() {
  const mpc::Cost now = moved_();
  if (running_ < nodes_.size()) {
    nodes_[running_].bytes += now.bytes - last_.bytes;
    nodes_[running_].rounds += now.rounds - last_.rounds;
  }
  last_ = now;
}

void NodeMeter::Begin(planner::NodeId id) {
  Credit();
  running_ = id;
}

void NodeMeter::End() {
  Credit();
  running_ = nodes_.size();
}

void NodeMeter::Add(const std::vector<std::vector<mpc::Cost>>& lanes) {
  for (std::size_t id = 0; id < nodes_.size(); ++id) {
    std::uint64_t rounds = 0;
    for (const std::vector<mpc::Cost>& lane : lanes) {
      nodes_[id].bytes += lane[id].bytes;
      rounds = std::max(rounds, lane[id].rounds);
    }
    nodes_[id].rounds += rounds;
  }
}

absl::Status NodeMeter::Apart(const std::function<absl::Status()>& meanwhile) {
  const std::size_t running = running_;
  End();
  const absl::Status status = meanwhile();
  Credit();
  running_ = running;
  return status;
}

}  // namespace care::engine
