// engine/session/agreement.h
//
// What parties sign before anything is shared. The asking node proposes the SQL text and PlanInputs; every
// party plans for itself and tells the others its verdict: both digests, its own threshold, or why it
// refuses. All hold the same verdicts and judge by the same rules, so all go on or none does.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "engine/session/messages.h"
#include "planner/catalog/catalog.h"
#include "planner/physical/plan_inputs.h"

namespace care::engine {

struct Proposal {
  std::string session_id;
  std::string sql;
  std::string plan_inputs;  // canonical
  bool explain = false;     // plan and report, do not run
  std::string signature;    // by the asking node, over SignedBytes()
  bool record = false;      // the verdicts name each party's statements, for the record of the answer or beside what is measured

  bool asks_for_statements() const { return explain || record; }
  std::string SignedBytes() const;
  nlohmann::json ToJson() const;
  static absl::StatusOr<Proposal> FromJson(const nlohmann::json& message);
};

// The links that a federation's plans are made for.
std::string LinkClassOf(const planner::Catalog& catalog);

// Whether this party may plan from the inputs that `asking` proposed. `today` is in days since 1970, UTC.
absl::Status CheckPlanInputs(const planner::PlanInputs& inputs, PartyId asking, const planner::Catalog& catalog,
                             std::int32_t today);

struct Verdict {
  PartyId party = kNoParty;
  absl::Status status;  // why it refuses
  std::string disclosure_digest;
  std::string execution_digest;
  std::uint32_t threshold = 0;
  std::vector<std::string> statements;  // for EXPLAIN and records: what it runs in its own database
  std::string build;                    // which care it runs (build_identity.h), to explain a disagreement; empty: not told
  std::string signature;                // by its party, over SignedBytes()

  // Everything but the statements and the build, bound to the session and to the proposal's signature.
  std::string SignedBytes(const Proposal& proposal) const;
  nlohmann::json ToJson() const;
  // `party` is who sent it.
  static absl::StatusOr<Verdict> FromJson(const nlohmann::json& message, PartyId party);
};

// The threshold in force, the strictest party's, if all agree; else why not, naming parties, digests and what they run. The
// verdict of the asking party counts first: its errors are the query's.
absl::StatusOr<std::uint32_t> Agree(const std::vector<Verdict>& verdicts, const planner::Catalog& catalog);

// FailedPrecondition that names both versions of a federation file.
absl::Status FederationsDiffer(const std::string& own_party, std::uint64_t own_version, const std::string& own_digest,
                               const std::string& other_party, std::uint64_t other_version,
                               const std::string& other_digest);

}  // namespace care::engine
