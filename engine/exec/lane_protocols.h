// engine/exec/lane_protocols.h
//
// The protocols of the lanes on which a plan runs its partitions: each over streams of its own on the links with the two peers
// (mpc/net/lanes.h), with keys of its own, so that what one masks with no other does.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "engine/exec/executor.h"
#include "mpc/net/lanes.h"
#include "mpc/protocol/replicated3/replicated3.h"

namespace care::engine {

class LaneProtocols {
 public:
  // After the main protocol's keys, on the same thread at all three parties; none for a plan of one lane. The links must
  // outlive this.
  static absl::StatusOr<LaneProtocols> Establish(const planner::PlannedQuery& query, unsigned role, const std::array<PartyId, 3>& parties,
                                                 mpc::Channel& next, mpc::Channel& previous, std::string_view session_id);

  std::vector<ExecutionLane> lanes() const;
  std::uint64_t rounds() const;  // of the lane that had most
  // What the main protocol opened, and what these did.
  std::vector<mpc::OpenedCount> WithOpened(std::vector<mpc::OpenedCount> opened) const;

 private:
  std::unique_ptr<mpc::Lanes> next_, previous_;
  std::vector<std::unique_ptr<mpc::Replicated3>> protocols_;
};

}  // namespace care::engine
