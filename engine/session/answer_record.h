// engine/session/answer_record.h
//
// What an answer rests on, for those who must be able to account for it later: the question and its purpose,
// what each party agreed to and under which signature, what each ran in its own database, the plan with its
// leakage report, and where each party's ledger holds the entry. The asking node gathers it when its analyst
// asks for it; nothing in it was not already shown to all three parties, or is not in EXPLAIN.
//
// A party's statements are its own word: its verdict's signature covers the digests, the threshold and the
// session, not the SQL of its database.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "engine/session/messages.h"

namespace care::engine {

struct RecordedParty {
  std::string name;
  std::uint32_t threshold = 0;
  std::string disclosure_digest;
  std::string execution_digest;
  std::string signature;    // hex: of its verdict
  std::string key_sha256;   // hex: of the public key that the signature is checked with (SubjectPublicKeyInfo)
  std::string ledger_hash;  // hex: of its entry
  std::vector<std::string> statements;
};

struct AnswerRecord {
  std::string session_id;
  std::string time;      // of the asking party's ledger entry, UTC
  std::string asked_by;  // the name in the analyst's certificate
  std::string recipient;
  std::string purpose;
  std::string legal_basis;  // empty if none was stated
  std::string sql;
  std::string federation;
  std::uint64_t federation_version = 0;
  std::string federation_digest;
  std::string care_version;  // of the asking node
  std::uint64_t planner_version = 0;
  std::string protocol;
  std::uint32_t threshold = 0;     // in force: the strictest party's
  std::string proposal_signature;  // hex: of the asking node, under SQL and plan inputs
  std::string plan_inputs;         // canonical, as signed
  std::vector<RecordedParty> parties;  // the compute parties in their order, then other owners
  nlohmann::json plan;  // EXPLAIN's: nodes, leakage, assumptions, cost, digests
};

nlohmann::json RecordToJson(const AnswerRecord& record);
absl::StatusOr<AnswerRecord> RecordFromJson(const nlohmann::json& message);

}  // namespace care::engine
