#include "engine/session/gather_record.h"

#include <openssl/sha.h>

#include "absl/strings/escaping.h"
#include "engine/session/build_identity.h"

namespace care::engine {
namespace {

std::string Sha256Hex(const std::string& bytes) {
  std::string digest(SHA256_DIGEST_LENGTH, '\0');
  SHA256(reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size(),
         reinterpret_cast<unsigned char*>(digest.data()));
  return absl::BytesToHexString(digest);
}

RecordedParty MakeParty(const ReleasedSession& released, const Verdict& verdict) {
  RecordedParty party;
  party.name = released.catalog.PartyName(verdict.party);
  party.threshold = verdict.threshold;
  party.disclosure_digest = verdict.disclosure_digest;
  party.execution_digest = verdict.execution_digest;
  party.signature = absl::BytesToHexString(verdict.signature);
  party.key_sha256 = Sha256Hex(released.session.KeyOf(verdict.party));
  const auto& hashes = released.session.ledger_receipt().hashes;
  const auto hash = hashes.find(verdict.party);
  if (hash != hashes.end()) party.ledger_hash = hash->second;
  party.statements = verdict.statements;
  return party;
}

}  // namespace

AnswerRecord MakeRecord(const ReleasedSession& released) {
  AnswerRecord record;
  record.session_id = released.proposal.session_id;
  record.time = released.session.ledger_receipt().time;
  record.recipient = released.catalog.PartyName(released.inputs.recipient);
  record.purpose = released.inputs.purpose;
  record.legal_basis = released.inputs.legal_basis;
  record.sql = released.proposal.sql;
  record.federation = released.catalog.name;
  record.federation_version = released.catalog.version;
  record.federation_digest = released.catalog.digest;
  record.care_version = BuildIdentity();
  record.planner_version = released.inputs.planner_version;
  record.protocol = released.inputs.protocol;
  record.proposal_signature = absl::BytesToHexString(released.proposal.signature);
  record.plan_inputs = released.proposal.plan_inputs;
  for (const PartyId party : released.catalog.compute_parties) {
    for (const Verdict& verdict : released.verdicts) {
      if (verdict.party == party) record.parties.push_back(MakeParty(released, verdict));
    }
  }
  for (const Verdict& verdict : released.verdicts) {
    if (!released.session.federation().IsCompute(verdict.party)) record.parties.push_back(MakeParty(released, verdict));
  }
  return record;
}

}  // namespace care::engine
