// tests/differential/engine_runner.h
//
// The whole engine in one process, from SQL text to released table, on example data in a directory: on Plain,
// where one executor plays every party, and on Replicated3, where three threads do over memory channels, and one more for
// each owner that does not compute. The three that compute are the first parties of the federation file. The
// threshold is a parameter: with 1 nothing is suppressed and answers can be compared cell by cell.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "engine/exec/executor.h"
#include "engine/frontend/reference/text_table.h"
#include "planner/catalog/catalog.h"
#include "planner/catalog/node_config.h"
#include "planner/physical/plan_query.h"
#include "tests/unit/mpc/three_parties.h"

namespace care::engine {

enum class ProtocolKind { kPlain, kReplicated3 };

class EngineRunner {
 public:
  // A directory that GenerateCoachingData wrote; with `messy_kind`, one that GenerateMessyData wrote, read through the
  // connector of that kind; what has no PostgreSQL form, the bureau's, through CSV. `postgres_directory`: where the
  // server's socket is.
  static absl::StatusOr<std::unique_ptr<EngineRunner>> Open(const std::string& directory,
                                                            const std::string& messy_kind = "",
                                                            const std::string& postgres_directory = "");

  // Any directory with a federation.toml; `sections` writes a party's [database] and [tables] sections.
  using NodeSections = std::function<std::string(const std::string& party)>;
  static absl::StatusOr<std::unique_ptr<EngineRunner>> OpenWith(const std::string& directory,
                                                                const NodeSections& sections);

  const planner::Catalog& catalog() const { return catalog_; }
  // From now on every query that can runs in so many partitions; 0: none does that fits into memory.
  void RunInPartitions(std::uint32_t count) { catalog_.joint_partitions = count; }
  absl::StatusOr<ReleasedTable> Run(std::string_view sql, ProtocolKind protocol, std::uint32_t threshold,
                                    std::uint64_t seed) const;

  // The parts of Run, for tests of what the parties see: a plan, and three threads that run it. `watch` may
  // put something between the executor and a party's protocol. Owners that do not compute join by themselves; if
  // `options` has their parts already, these are completed: their faults stay.
  using PartiesRun = mpc::ThreePartiesRun<std::optional<ReleasedTable>>;
  using Watch = std::function<std::unique_ptr<mpc::Protocol>(mpc::Protocol&)>;
  absl::StatusOr<planner::PlannedQuery> Plan(std::string_view sql, PartyId recipient) const;
  absl::StatusOr<PartiesRun> RunParties(const planner::PlannedQuery& query, std::uint32_t threshold,
                                        mpc::ThreePartiesOptions options, const Watch& watch = {}) const;

  // The parts of RunParties, for tests that run a plan node by node.
  using Connectors = std::vector<std::unique_ptr<connectors::Connector>>;
  absl::StatusOr<Connectors> OpenConnectors(const planner::PlannedQuery& query) const;
  ExecutionContext ContextFor(const planner::PlannedQuery& query, std::uint32_t threshold,
                              mpc::Protocol& protocol, const Connectors& connectors) const;
  ExecutionContext ContextOfOutside(const planner::PlannedQuery& query, PartyId owner, const Connectors& connectors) const;

 private:
  planner::Catalog catalog_;
  std::vector<planner::NodeConfig> nodes_;  // by PartyId
};

TextTable ToText(const ReleasedTable& table);

}  // namespace care::engine
