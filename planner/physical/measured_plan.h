// planner/physical/measured_plan.h
//
// What a run of a plan was seen to move, for EXPLAIN ANALYZE: beside each operator's price what it moved, and of the whole the
// wall time. Of times there is only that of the whole, which whoever asked has waited for: time of a part would tell, by itself or
// less the rest, how long an owner's database took, and so how many rows it has (docs/threat-model.md).
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include "engine/types/party.h"
#include "mpc/cost/cost.h"

namespace care::planner {

struct MeasuredPlan {
  // By node, over all links together; nothing of fragments, which move nothing. Bytes count only if `is_complete`.
  std::vector<mpc::Cost> nodes;
  // By party: payload of all that it sent for the query, agreement, keys and the ledgers' confirmation included; nothing of a
  // party that left before it had reported.
  std::vector<std::pair<PartyId, std::optional<std::uint64_t>>> sent;
  bool is_complete = true;  // all parties have reported
  std::uint64_t rounds = 0;
  std::uint64_t microseconds = 0;  // from the agreement to the answer

  std::uint64_t Bytes() const {
    std::uint64_t bytes = 0;
    for (const auto& [party, own] : sent) bytes += own.value_or(0);
    return bytes;
  }
  // What no operator of the plan moved: the agreement, the keys, the ledgers' confirmation.
  std::uint64_t BytesBesideThePlan() const {
    std::uint64_t bytes = Bytes();
    for (const mpc::Cost& node : nodes) bytes -= std::min(bytes, node.bytes);
    return bytes;
  }
};

}  // namespace care::planner
