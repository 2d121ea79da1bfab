// engine/session/query_engine.h
//
// What a session asks of the planner and the executor, behind one interface so that the session's own tests
// run without them. FederatedEngine is the real one.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "engine/exec/executor.h"
#include "engine/types/disclosure.h"
#include "engine/types/party.h"
#include "mpc/net/channel.h"
#include "planner/physical/measured_plan.h"
#include "planner/physical/plan_inputs.h"

namespace care::engine {

// The links and keys' context of one joint run. A compute party has a role, its two peers and the owners that do not
// compute; such an owner has the three that do.
struct JointRun {
  bool outside = false;                     // this party does not compute
  std::array<mpc::Channel*, 3> compute{};   // if outside: to P0, P1 and P2
  std::map<PartyId, mpc::Channel*> owners;  // else: to those who are
  unsigned role = 0;
  std::array<PartyId, 3> parties{};
  mpc::Channel* next = nullptr;
  mpc::Channel* previous = nullptr;
  std::string session_id;
  std::uint32_t threshold = 10;
  std::function<void()> keys_made;  // from here on the links carry shares and masked messages only
  std::function<absl::Status()> before_open;
  std::function<void(double fraction, std::string_view step)> progress;
};

struct OpenedValues {
  std::uint32_t id = 0;
  std::uint64_t values = 0;
};

struct JointOutcome {
  std::optional<ReleasedTable> table;  // at the recipient
  std::uint64_t rounds = 0;
  std::vector<OpenedValues> opened;
  std::vector<mpc::Cost> nodes;  // by node of the plan: what this party sent, and in how many rounds
};

// What the parties contribute to an explanation.
struct PartyStatements {
  std::string party;
  std::vector<std::string> statements;
};

// One planned query at one party.
class PreparedQuery {
 public:
  virtual ~PreparedQuery() = default;
  virtual const std::string& disclosure_digest() const = 0;
  virtual const std::string& execution_digest() const = 0;
  virtual const std::vector<Disclosure>& disclosures() const = 0;
  // The owners that do not compute and whose rows it reads, by id: they take part besides the three.
  virtual std::vector<PartyId> outside_owners() const { return {}; }
  // What this party's own database would run.
  virtual absl::StatusOr<std::vector<std::string>> Statements() = 0;
  // `measured`: of a run of it, or null.
  virtual std::string ExplainText(const std::vector<PartyStatements>& statements,
                                  const planner::MeasuredPlan* measured) const = 0;
  virtual std::string ExplainJson(const std::vector<PartyStatements>& statements,
                                  const planner::MeasuredPlan* measured) const = 0;
  virtual absl::StatusOr<JointOutcome> Run(const JointRun& run) = 0;
  // What cleaning this party's rows found in Run: a line for each table, of names and counts, for its own log only.
  virtual std::vector<std::string> CleaningFindings() const { return {}; }
  // From another thread: ends a running statement of the database.
  virtual void Interrupt() = 0;
};

class QueryEngine {
 public:
  virtual ~QueryEngine() = default;
  virtual absl::StatusOr<std::unique_ptr<PreparedQuery>> Prepare(std::string_view sql,
                                                                 const planner::PlanInputs& inputs) = 0;
  // The result's columns. Plans, and touches no database.
  virtual absl::StatusOr<std::vector<planner::OutputColumn>> Describe(std::string_view sql,
                                                                      const planner::PlanInputs& inputs) = 0;
  // Whether this party's database can be reached now. Blocks as long as connecting may take.
  virtual absl::Status CheckDatabase() { return absl::OkStatus(); }
};

}  // namespace care::engine
