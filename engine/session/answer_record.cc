#include "engine/session/answer_record.h"

#include <algorithm>
#include <cstdint>

#include "engine/types/status_macros.h"

namespace care::engine {

using nlohmann::json;

namespace {

json PartyToJson(const RecordedParty& party) {
  return {{"name", party.name},
          {"threshold", party.threshold},
          {"disclosure_digest", party.disclosure_digest},
          {"execution_digest", party.execution_digest},
          {"signature", party.signature},
          {"key_sha256", party.key_sha256},
          {"ledger_hash", party.ledger_hash},
          {"statements", party.statements}};
}

absl::StatusOr<std::uint32_t> ThresholdField(const json& object) {
  CARE_ASSIGN_OR_RETURN(const std::uint64_t threshold, NumberField(object, "threshold"));
  return static_cast<std::uint32_t>(std::min<std::uint64_t>(threshold, UINT32_MAX));
}

absl::StatusOr<RecordedParty> PartyFromJson(const json& object) {
  RecordedParty party;
  CARE_ASSIGN_OR_RETURN(party.name, TextField(object, "name"));
  CARE_ASSIGN_OR_RETURN(party.threshold, ThresholdField(object));
  CARE_ASSIGN_OR_RETURN(party.disclosure_digest, TextField(object, "disclosure_digest"));
  CARE_ASSIGN_OR_RETURN(party.execution_digest, TextField(object, "execution_digest"));
  CARE_ASSIGN_OR_RETURN(party.signature, TextField(object, "signature"));
  CARE_ASSIGN_OR_RETURN(party.key_sha256, TextField(object, "key_sha256"));
  CARE_ASSIGN_OR_RETURN(party.ledger_hash, TextField(object, "ledger_hash"));
  const auto statements = object.find("statements");
  if (statements != object.end() && statements->is_array()) {
    for (const json& statement : *statements) {
      if (statement.is_string()) party.statements.push_back(statement.get<std::string>());
    }
  }
  return party;
}

}  // namespace

json RecordToJson(const AnswerRecord& record) {
  json parties = json::array();
  for (const RecordedParty& party : record.parties) parties.push_back(PartyToJson(party));
  return {{"session", record.session_id},
          {"time", record.time},
          {"asked_by", record.asked_by},
          {"recipient", record.recipient},
          {"purpose", record.purpose},
          {"legal_basis", record.legal_basis},
          {"sql", record.sql},
          {"federation", record.federation},
          {"federation_version", record.federation_version},
          {"federation_digest", record.federation_digest},
          {"care_version", record.care_version},
          {"planner_version", record.planner_version},
          {"protocol", record.protocol},
          {"threshold", record.threshold},
          {"proposal_signature", record.proposal_signature},
          {"plan_inputs", record.plan_inputs},
          {"parties", parties},
          {"plan", record.plan}};
}

absl::StatusOr<AnswerRecord> RecordFromJson(const json& message) {
  if (!message.is_object()) return absl::InvalidArgumentError("the record of the answer is not an object");
  AnswerRecord record;
  for (const auto& [name, field] :
       {std::pair<const char*, std::string*>{"session", &record.session_id}, {"time", &record.time},
        {"asked_by", &record.asked_by}, {"recipient", &record.recipient}, {"purpose", &record.purpose},
        {"legal_basis", &record.legal_basis}, {"sql", &record.sql}, {"federation", &record.federation},
        {"federation_digest", &record.federation_digest}, {"care_version", &record.care_version},
        {"protocol", &record.protocol}, {"proposal_signature", &record.proposal_signature},
        {"plan_inputs", &record.plan_inputs}}) {
    CARE_ASSIGN_OR_RETURN(*field, TextField(message, name));
  }
  CARE_ASSIGN_OR_RETURN(record.federation_version, NumberField(message, "federation_version"));
  CARE_ASSIGN_OR_RETURN(record.planner_version, NumberField(message, "planner_version"));
  CARE_ASSIGN_OR_RETURN(record.threshold, ThresholdField(message));
  const auto parties = message.find("parties");
  const auto plan = message.find("plan");
  if (parties == message.end() || !parties->is_array() || plan == message.end() || !plan->is_object())
    return absl::InvalidArgumentError("the record of the answer lacks its parties or its plan");
  for (const json& entry : *parties) {
    if (!entry.is_object()) return absl::InvalidArgumentError("the record of the answer lacks a party");
    CARE_ASSIGN_OR_RETURN(RecordedParty party, PartyFromJson(entry));
    record.parties.push_back(std::move(party));
  }
  record.plan = *plan;
  return record;
}

}  // namespace care::engine
