// engine/exec/executor.h
//
// Runs a physical plan at one party (or, on the Plain protocol, at all of them at once): local fragments
// through the owner's connector, joint nodes through the Protocol, the release gate, the one opening, and
// at the recipient the arithmetic on released groups. Every party calls Execute with the same plan and makes
// the same sequence of Protocol calls; what a party knows in the clear decides only what it feeds in.
//
// Before the result opens, `before_open` must make the query's ledger entry durable at every party.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "connectors/connector.h"
#include "engine/exec/node_meter.h"
#include "engine/types/value.h"
#include "mpc/protocol/protocol.h"
#include "planner/physical/plan_query.h"

namespace care::engine {

struct ReleasedTable {
  std::vector<planner::OutputColumn> columns;
  std::vector<std::vector<Value>> rows;
  std::vector<std::vector<bool>> suppressed;  // by row and column: the gate hid what this cell needs
  std::vector<std::string> notes;             // "suppressed: fewer than 10 persons"
};

// One of several threads of a party that run partitions at a time (planner::PhysicalPlan::lanes).
struct ExecutionLane {
  mpc::Protocol* protocol = nullptr;
  std::function<mpc::Cost()> moved;  // over the lane so far
};

struct ExecutionContext {
  const planner::PlannedQuery* query = nullptr;
  const planner::Catalog* catalog = nullptr;
  mpc::Protocol* protocol = nullptr;  // null at an owner that does not compute (outside_part.h)
  std::vector<ExecutionLane> lanes;    // none: partitions run one after the other
  std::function<void(const absl::Status&)> give_up;  // ends the links when a lane has failed; with lanes
  std::map<PartyId, connectors::Connector*> connectors;  // this party's own; on Plain everybody's
  std::string session_id;                                // what all owners derive alike comes from it
  std::uint32_t threshold = 10;                          // agreed: the strictest party's
  std::function<absl::Status()> before_open;
  std::function<void(double fraction, std::string_view step)> progress;  // may be empty
  NodeMeter* meter = nullptr;                                            // may be null
};

// The released table at the recipient, nothing elsewhere.
absl::StatusOr<std::optional<ReleasedTable>> Execute(ExecutionContext& context);

}  // namespace care::engine
