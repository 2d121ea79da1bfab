#include "engine/session/federation_change.h"

#include <algorithm>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "engine/session/messages.h"
#include "engine/types/status_macros.h"
#include "mpc/net/certificate_check.h"

namespace care::engine {

using nlohmann::json;

namespace {

// What differs between what was signed and what is to be activated, for a person.
std::string Difference(const FederationChange& was, const FederationChange& is) {
  if (was.federation != is.federation) return absl::StrCat("another federation, ", was.federation);
  if (was.digest != is.digest) {
    return absl::StrCat("other bytes: digest ", was.digest.substr(0, 16), ", the file has ", is.digest.substr(0, 16));
  }
  if (was.activates_at != is.activates_at) {
    return absl::StrCat("another instant, ", FormatInstant(was.activates_at), " and not ",
                        FormatInstant(is.activates_at));
  }
  if (was.replaces != is.replaces) {
    return absl::StrCat("a change of another file in force: digest ", was.replaces.substr(0, 16), ", here ",
                        is.replaces.substr(0, 16), " is in force");
  }
  return absl::StrCat("version ", was.version);
}

}  // namespace

std::string FederationChange::SignedBytes() const {
  std::string bytes = "care/federation-change\n";
  for (const std::string& field :
       {federation, absl::StrCat(version), digest, replaces, FormatInstant(activates_at)}) {
    absl::StrAppend(&bytes, field.size(), ":", field, "\n");
  }
  return bytes;
}

std::string FederationSignature::ToJson() const {
  return json{{"federation", change.federation},
              {"version", change.version},
              {"digest", change.digest},
              {"replaces", change.replaces},
              {"activates", FormatInstant(change.activates_at)},
              {"party", party},
              {"certificate", certificate_pem},
              {"signature", absl::BytesToHexString(signature)}}
             .dump(2) +
         "\n";
}

absl::StatusOr<FederationSignature> FederationSignature::FromJson(const std::string& text) {
  CARE_ASSIGN_OR_RETURN(const json object, ParseJson(text));
  FederationSignature signature;
  CARE_ASSIGN_OR_RETURN(signature.change.federation, TextField(object, "federation"));
  CARE_ASSIGN_OR_RETURN(const std::uint64_t version, NumberField(object, "version"));
  if (version > UINT32_MAX) return absl::InvalidArgumentError("the version is too large");
  signature.change.version = static_cast<std::uint32_t>(version);
  CARE_ASSIGN_OR_RETURN(signature.change.digest, TextField(object, "digest"));
  CARE_ASSIGN_OR_RETURN(signature.change.replaces, TextField(object, "replaces"));
  CARE_ASSIGN_OR_RETURN(const std::string activates, TextField(object, "activates"));
  CARE_ASSIGN_OR_RETURN(signature.change.activates_at, ParseInstant(activates));
  CARE_ASSIGN_OR_RETURN(signature.party, TextField(object, "party"));
  CARE_ASSIGN_OR_RETURN(signature.certificate_pem, TextField(object, "certificate"));
  CARE_ASSIGN_OR_RETURN(const std::string hex, TextField(object, "signature"));
  if (hex.size() % 2 != 0 || hex.find_first_not_of("0123456789abcdef") != std::string::npos) {
    return absl::InvalidArgumentError("the signature is not hex");
  }
  signature.signature = absl::HexStringToBytes(hex);
  return signature;
}

absl::StatusOr<FederationSignature> SignChange(const FederationChange& change, const std::string& party,
                                               const std::string& certificate_pem,
                                               const mpc::TlsIdentity& identity) {
  CARE_ASSIGN_OR_RETURN(std::string signature, identity.Sign(change.SignedBytes()));
  return FederationSignature{change, party, certificate_pem, std::move(signature)};
}

std::vector<std::string> Signers(const planner::Catalog& in_force, const planner::Catalog& next) {
  std::vector<std::string> names;
  for (const planner::Catalog* catalog : {&in_force, &next}) {
    for (const planner::PartyEntry& party : catalog->parties) {
      if (std::find(names.begin(), names.end(), party.name) == names.end()) names.push_back(party.name);
    }
  }
  return names;
}

absl::Status CheckSignature(const FederationSignature& signature, const FederationChange& change,
                            const planner::Catalog& in_force, const planner::Catalog& next,
                            const std::string& authorities_pem) {
  if (signature.change.SignedBytes() != change.SignedBytes()) {
    return absl::FailedPreconditionError(
        absl::StrCat(signature.party, " signed ", Difference(signature.change, change)));
  }
  const bool is_new = in_force.FindParty(signature.party) == kNoParty;
  const std::string& authority = is_new ? next.authority_sha256 : in_force.authority_sha256;
  const absl::StatusOr<mpc::CheckedCertificate> certificate =
      mpc::CheckCertificate(signature.certificate_pem, authorities_pem, authority);
  if (!certificate.ok()) {
    return absl::Status(certificate.status().code(), absl::StrCat("the signature of ", signature.party, ": ",
                                                                  std::string(certificate.status().message())));
  }
  if (certificate->name != signature.party) {
    return absl::UnauthenticatedError(absl::StrCat("the signature of ", signature.party,
                                                   " comes with the certificate of \"", certificate->name, "\""));
  }
  if (!mpc::VerifySignature(certificate->public_key, change.SignedBytes(), signature.signature)) {
    return absl::UnauthenticatedError(absl::StrCat("the signature of ", signature.party, " is not valid"));
  }
  return absl::OkStatus();
}

}  // namespace care::engine
