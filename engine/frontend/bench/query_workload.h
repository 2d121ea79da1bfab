// engine/frontend/bench/query_workload.h
//
// A query that a joint benchmark plans and runs from its text, and whom to ask for the clear rows.
#pragma once

#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "connectors/connector.h"
#include "engine/exec/executor.h"
#include "planner/catalog/catalog.h"
#include "planner/physical/plan_inputs.h"
#include "planner/physical/plan_query.h"

namespace care::engine {

class QueryWorkload {
 public:
  virtual ~QueryWorkload() = default;
  virtual const planner::Catalog& catalog() const = 0;
  virtual std::string sql() const = 0;
  virtual planner::PlanInputs inputs() const = 0;
  // Below how many persons the gate hides.
  virtual std::uint32_t threshold() const { return 10; }
  // The party's database, for one run of the planned query. What is cheap for no node is not done here.
  virtual absl::StatusOr<connectors::Connector*> Open(const planner::PlannedQuery& query, PartyId party) = 0;
  virtual absl::Status Check(const ReleasedTable& released) = 0;
};

}  // namespace care::engine
