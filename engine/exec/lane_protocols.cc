#include "engine/exec/lane_protocols.h"

#include <algorithm>
#include <map>
#include <utility>

#include "absl/strings/str_cat.h"
#include "engine/types/status_macros.h"

namespace care::engine {

absl::StatusOr<LaneProtocols> LaneProtocols::Establish(const planner::PlannedQuery& query, unsigned role, const std::array<PartyId, 3>& parties,
                                                       mpc::Channel& next, mpc::Channel& previous, std::string_view session_id) {
  LaneProtocols result;
  const unsigned count = query.plan.lanes;
  if (count <= 1) return result;
  result.next_ = std::make_unique<mpc::Lanes>(next, count);
  result.previous_ = std::make_unique<mpc::Lanes>(previous, count);
  for (unsigned lane = 0; lane < count; ++lane) {
    CARE_ASSIGN_OR_RETURN(auto protocol,
                          mpc::EstablishReplicated3(role, parties, result.next_->lane(lane), result.previous_->lane(lane),
                                                    absl::StrCat(std::string(session_id), "/lane ", lane), query.execution_digest, query.disclosures));
    result.protocols_.push_back(std::move(protocol));
  }
  return result;
}

std::vector<ExecutionLane> LaneProtocols::lanes() const {
  std::vector<ExecutionLane> lanes;
  for (unsigned lane = 0; lane < protocols_.size(); ++lane) {
    lanes.push_back({.protocol = protocols_[lane].get(), .moved = [this, lane] {
                       return mpc::Cost{.bytes = next_->lane(lane).meter().bytes_sent + previous_->lane(lane).meter().bytes_sent,
                                        .rounds = protocols_[lane]->rounds()};
                     }});
  }
  return lanes;
}

std::uint64_t LaneProtocols::rounds() const {
  std::uint64_t most = 0;
  for (const auto& protocol : protocols_) most = std::max(most, protocol->rounds());
  return most;
}

std::vector<mpc::OpenedCount> LaneProtocols::WithOpened(std::vector<mpc::OpenedCount> opened) const {
  std::map<std::uint32_t, std::uint64_t> values;
  for (const mpc::OpenedCount& one : opened) values[one.id] += one.values;
  for (const auto& protocol : protocols_)
    for (const mpc::OpenedCount& one : protocol->opened()) values[one.id] += one.values;
  opened.clear();
  for (const auto& [id, count] : values) opened.push_back({id, count});
  return opened;
}

}  // namespace care::engine
