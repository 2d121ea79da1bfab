#include "engine/frontend/shell/change_federation.h"

#include <algorithm>
#include <filesystem>
#include <optional>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "engine/session/federated_engine.h"
#include "engine/session/federation_change.h"
#include "engine/session/federation_store.h"
#include "engine/session/messages.h"
#include "engine/session/node_reach.h"
#include "engine/session/version_files.h"
#include "engine/types/read_file.h"
#include "engine/types/status_macros.h"
#include "engine/types/write_file.h"
#include "planner/catalog/federation_diff.h"
#include "planner/catalog/file_text.h"
#include "planner/catalog/node_config.h"

namespace care::engine {

using nlohmann::json;

namespace {

struct FederationText {
  std::string text;
  planner::Catalog catalog;
};

absl::StatusOr<FederationText> ReadFederation(const std::string& path) {
  FederationText read;
  // Once, so that what was understood is what is signed and stored.
  CARE_ASSIGN_OR_RETURN(read.text, ReadFile(path, "the federation file"));
  CARE_ASSIGN_OR_RETURN(read.catalog, planner::ParseFederationFile(read.text, path));
  return read;
}

// What a node holds, as its files say.
struct NodeVersions {
  planner::NodeConfig config;
  std::unique_ptr<FederationStore> store;
  std::vector<StoredVersion> stored;
  FederationText in_force;
  UnixSeconds in_force_since = 0;
  std::optional<StoredVersion> pending;
  std::string file_digest;  // of the file that the node file names
};

absl::StatusOr<NodeVersions> LoadNodeVersions(const std::string& node_path, UnixSeconds now) {
  NodeVersions node;
  CARE_ASSIGN_OR_RETURN(node.config, planner::LoadNodeConfig(node_path));
  CARE_RETURN_IF_ERROR(planner::CheckPathsAreKnown(node.config));
  CARE_ASSIGN_OR_RETURN(node.in_force, ReadFederation(node.config.federation_path));
  node.file_digest = node.in_force.catalog.digest;
  CARE_ASSIGN_OR_RETURN(node.store, FederationStore::Open(node.config.data_directory));
  CARE_ASSIGN_OR_RETURN(node.stored, node.store->Versions());
  CARE_ASSIGN_OR_RETURN(const std::vector<VersionFile> files,
                        VersionsThatMatter(node.in_force.catalog, node.stored, now));
  for (const VersionFile& file : files) {
    for (const StoredVersion& version : node.stored) {
      if (version.digest != file.catalog.digest) continue;
      if (file.activates_at > now) {
        node.pending = version;
      } else {
        node.in_force = {version.text, file.catalog};
        node.in_force_since = version.activates_at;
      }
    }
  }
  return node;
}

absl::Status CheckNext(const planner::Catalog& in_force, const planner::Catalog& next) {
  if (next.digest == in_force.digest) {
    return absl::FailedPreconditionError("this is the federation file in force; nothing changes");
  }
  if (next.name != in_force.name) {
    return absl::FailedPreconditionError(absl::StrCat("the file is of federation ", next.name, "; this node is in ",
                                                      in_force.name));
  }
  if (next.version <= in_force.version) {
    return absl::FailedPreconditionError(absl::StrCat("the file is version ", next.version, "; version ",
                                                      in_force.version, " is in force. Write version = ",
                                                      in_force.version + 1, " or higher"));
  }
  return absl::OkStatus();
}

std::string SignatureDirectory(const std::string& federation_path) { return federation_path + ".sig"; }

std::string SignaturePath(const std::string& federation_path, const std::string& party) {
  return (std::filesystem::path(SignatureDirectory(federation_path)) / (party + ".sig")).string();
}

absl::StatusOr<FederationSignature> ReadSignature(const std::string& path) {
  CARE_ASSIGN_OR_RETURN(const std::string text, ReadFile(path, "the signature"));
  absl::StatusOr<FederationSignature> signature = FederationSignature::FromJson(text);
  if (signature.ok()) return signature;
  return absl::InvalidArgumentError(
      absl::StrCat(path, " is not a signature: ", std::string(signature.status().message())));
}

// The node's own key, and proof that its authority file has what both versions need.
absl::StatusOr<std::shared_ptr<const mpc::TlsIdentity>> LoadKey(const planner::NodeConfig& config,
                                                                const planner::Catalog& in_force,
                                                                const planner::Catalog& next) {
  mpc::TlsFiles files{config.certificate_path, config.private_key_path, config.authority_path,
                      in_force.authority_sha256, {}};
  if (next.authority_sha256 != in_force.authority_sha256) files.more_authorities.push_back(next.authority_sha256);
  return mpc::TlsIdentity::Load(files);
}

// Two changes with one number could be in force at different parties.
absl::Status CheckSignedOnce(FederationStore& store, const FederationChange& change, const std::string& party) {
  CARE_ASSIGN_OR_RETURN(const std::vector<SeenSignature> seen, store.Signatures(change.version));
  for (const SeenSignature& earlier : seen) {
    if (earlier.party != party || earlier.signed_bytes == change.SignedBytes()) continue;
    CARE_ASSIGN_OR_RETURN(const FederationSignature other, FederationSignature::FromJson(earlier.text));
    return absl::AlreadyExistsError(absl::StrCat(
        party, " has signed a version ", change.version, " already: digest ", other.change.digest.substr(0, 16),
        ", to be in force from ", FormatInstant(other.change.activates_at),
        ". If that one was activated anywhere, write version = ", change.version + 1,
        " or higher in the file; if nobody will activate it, sign with --replace and tell the others"));
  }
  return absl::OkStatus();
}

// Remembers a valid signature. If its party is known to have signed another change with this number, says so.
absl::StatusOr<std::string> SignedTwice(FederationStore& store, const FederationSignature& signature) {
  const FederationChange& change = signature.change;
  CARE_RETURN_IF_ERROR(
      store.Remember({change.version, signature.party, change.SignedBytes(), signature.ToJson()}));
  CARE_ASSIGN_OR_RETURN(const std::vector<SeenSignature> seen, store.Signatures(change.version));
  for (const SeenSignature& other : seen) {
    if (other.party != signature.party || other.signed_bytes == change.SignedBytes()) continue;
    CARE_ASSIGN_OR_RETURN(const FederationSignature earlier, FederationSignature::FromJson(other.text));
    return absl::StrCat(signature.party, " has signed version ", change.version, " twice: digest ",
                        earlier.change.digest.substr(0, 16), " from ", FormatInstant(earlier.change.activates_at),
                        ", and digest ", change.digest.substr(0, 16), " from ", FormatInstant(change.activates_at));
  }
  return std::string();
}

}  // namespace

absl::StatusOr<std::string> SignFederation(const ChangeOptions& options) {
  CARE_ASSIGN_OR_RETURN(const FederationText next, ReadFederation(options.federation_path));
  CARE_ASSIGN_OR_RETURN(const UnixSeconds at, ParseInstant(options.at));
  if (at <= options.now) return absl::InvalidArgumentError(absl::StrCat(options.at, " is over; name a later instant"));
  CARE_ASSIGN_OR_RETURN(NodeVersions node, LoadNodeVersions(options.node_path, options.now));
  if (!options.replaces_path.empty()) {
    CARE_ASSIGN_OR_RETURN(node.in_force, ReadFederation(options.replaces_path));
  }
  const planner::Catalog& in_force = node.in_force.catalog;
  const std::string& party = node.config.party;
  if (next.catalog.digest == in_force.digest && node.stored.empty() && options.replaces_path.empty()) {
    return absl::FailedPreconditionError(
        "this is the file that the node file names; a party that is new signs with --replaces and the file in force");
  }
  CARE_RETURN_IF_ERROR(CheckNext(in_force, next.catalog));
  if (in_force.FindParty(party) == kNoParty && next.catalog.FindParty(party) == kNoParty) {
    return absl::FailedPreconditionError(absl::StrCat(party, " is a party of neither version"));
  }
  CARE_ASSIGN_OR_RETURN(const auto identity, LoadKey(node.config, in_force, next.catalog));
  CARE_ASSIGN_OR_RETURN(const std::string certificate, ReadFile(node.config.certificate_path, "the certificate"));
  CARE_ASSIGN_OR_RETURN(const std::string authorities, ReadFile(node.config.authority_path, "the authority"));
  const FederationChange change{next.catalog.name, next.catalog.version, next.catalog.digest, in_force.digest, at};
  if (!options.replace) CARE_RETURN_IF_ERROR(CheckSignedOnce(*node.store, change, party));
  CARE_ASSIGN_OR_RETURN(const FederationSignature signature, SignChange(change, party, certificate, *identity));
  // A signature that the others will refuse had better be refused here.
  CARE_RETURN_IF_ERROR(CheckSignature(signature, change, in_force, next.catalog, authorities));

  // Before the file, so that no signature leaves this node that it does not know of.
  CARE_RETURN_IF_ERROR(
      node.store->Replace({change.version, party, change.SignedBytes(), signature.ToJson()}));
  std::error_code error;
  std::filesystem::create_directories(SignatureDirectory(options.federation_path), error);
  const std::string path = SignaturePath(options.federation_path, party);
  CARE_RETURN_IF_ERROR(ReplaceFile(path, signature.ToJson(), kPublicFile));
  return absl::StrCat(planner::FormatDifferences(in_force, next.catalog), "\n", party, " signed version ",
                      next.catalog.version, " of federation ", next.catalog.name, ", digest ", next.catalog.digest,
                      ",\nto be in force from ", options.at, ": ", path, "\nNeeded are the signatures of ",
                      absl::StrJoin(Signers(in_force, next.catalog), ", "), "\n");
}

absl::StatusOr<std::string> ActivateFederation(const ChangeOptions& options) {
  CARE_ASSIGN_OR_RETURN(const FederationText next, ReadFederation(options.federation_path));
  CARE_ASSIGN_OR_RETURN(NodeVersions node, LoadNodeVersions(options.node_path, options.now));
  const planner::Catalog& in_force = node.in_force.catalog;
  CARE_RETURN_IF_ERROR(CheckNext(in_force, next.catalog));
  if (node.pending.has_value()) {
    return absl::FailedPreconditionError(absl::StrCat(
        "version ", node.pending->version, " waits already, to be in force from ",
        FormatInstant(node.pending->activates_at), "; `care federation withdraw` takes it back"));
  }
  FederationChange change{next.catalog.name, next.catalog.version, next.catalog.digest, in_force.digest, 0};
  if (options.at.empty()) {
    CARE_ASSIGN_OR_RETURN(const FederationSignature own,
                          ReadSignature(SignaturePath(options.federation_path, node.config.party)));
    change.activates_at = own.change.activates_at;
  } else {
    CARE_ASSIGN_OR_RETURN(change.activates_at, ParseInstant(options.at));
  }
  CARE_ASSIGN_OR_RETURN(const std::string authorities, ReadFile(node.config.authority_path, "the authority"));
  json signatures = json::object();
  std::vector<std::string> missing;
  std::string notices;
  for (const std::string& party : Signers(in_force, next.catalog)) {
    const std::string path = SignaturePath(options.federation_path, party);
    if (!std::filesystem::exists(path)) {
      missing.push_back(party);
      continue;
    }
    CARE_ASSIGN_OR_RETURN(const FederationSignature signature, ReadSignature(path));
    if (signature.party != party) {
      return absl::UnauthenticatedError(absl::StrCat(path, " is the signature of ", signature.party));
    }
    const absl::Status checked = CheckSignature(signature, change, in_force, next.catalog, authorities);
    const bool is_of_this_number =
        signature.change.version == change.version && signature.change.federation == change.federation;
    if (is_of_this_number &&
        CheckSignature(signature, signature.change, in_force, next.catalog, authorities).ok()) {
      CARE_ASSIGN_OR_RETURN(const std::string twice, SignedTwice(*node.store, signature));
      if (!twice.empty() && !checked.ok()) {
        return absl::Status(checked.code(), absl::StrCat(std::string(checked.message()), "; ", twice));
      }
      if (!twice.empty()) absl::StrAppend(&notices, "note: ", twice, "\n");
    }
    CARE_RETURN_IF_ERROR(checked);
    CARE_ASSIGN_OR_RETURN(signatures[party], ParseJson(signature.ToJson()));
  }
  if (!missing.empty()) {
    return absl::FailedPreconditionError(
        absl::StrCat("not signed by ", absl::StrJoin(missing, ", "), ": ask for PARTY.sig and put it in ",
                     SignatureDirectory(options.federation_path)));
  }
  CARE_RETURN_IF_ERROR(LoadKey(node.config, in_force, next.catalog).status());
  if (next.catalog.FindParty(node.config.party) != kNoParty) {
    CARE_RETURN_IF_ERROR(CheckReach(node.config, next.catalog));
    // A table that the database does not have is found now and not at the instant.
    CARE_ASSIGN_OR_RETURN(const std::vector<TableCheck> checks, CheckTables(next.catalog, node.config));
    for (const TableCheck& check : checks) CARE_RETURN_IF_ERROR(check.status);
  }
  CARE_RETURN_IF_ERROR(node.store->Install(
      {in_force.version, in_force.digest, node.in_force.text, node.in_force_since, ""},
      {next.catalog.version, next.catalog.digest, next.text, change.activates_at, DumpJson(signatures)}));
  const std::string when = change.activates_at > options.now
                               ? absl::StrCat("is in force from ", FormatInstant(change.activates_at))
                               : absl::StrCat("is in force since ", FormatInstant(change.activates_at));
  return absl::StrCat(notices, "version ", next.catalog.version, " of federation ", next.catalog.name, " ", when, " at ",
                      node.config.party, "; a node that runs takes it up within seconds\n");
}

absl::StatusOr<std::string> WithdrawFederation(const ChangeOptions& options) {
  CARE_ASSIGN_OR_RETURN(NodeVersions node, LoadNodeVersions(options.node_path, options.now));
  if (!node.pending.has_value()) return absl::FailedPreconditionError("no version waits at this node");
  CARE_RETURN_IF_ERROR(node.store->Withdraw(node.pending->version, options.now));
  return absl::StrCat("version ", node.pending->version, " is withdrawn at ", node.config.party,
                      "; tell the other parties to do the same, or joint queries end at ",
                      FormatInstant(node.pending->activates_at), "\n");
}

absl::StatusOr<std::string> FederationStatus(const ChangeOptions& options, bool as_json) {
  CARE_ASSIGN_OR_RETURN(NodeVersions node, LoadNodeVersions(options.node_path, options.now));
  std::vector<StoredVersion> versions = node.stored;
  const planner::Catalog& in_force = node.in_force.catalog;
  const bool is_stored = std::any_of(versions.begin(), versions.end(),
                                     [&](const StoredVersion& version) { return version.digest == in_force.digest; });
  if (!is_stored) versions.push_back({in_force.version, in_force.digest, "", 0, ""});

  json list = json::array();
  std::string text = absl::StrCat("Federation ", in_force.name, " at ", node.config.party, "\n");
  for (const StoredVersion& version : versions) {
    const bool is_in_force = version.digest == in_force.digest;
    const bool waits = node.pending.has_value() && node.pending->digest == version.digest;
    const char* state = is_in_force ? "in force" : waits ? "waits" : "was in force";
    json signers = json::array();
    if (const absl::StatusOr<json> signatures = ParseJson(version.signatures); signatures.ok()) {
      for (const auto& [party, signature] : signatures->items()) signers.push_back(party);
    }
    const std::string activation = version.activates_at == 0 ? "" : FormatInstant(version.activates_at);
    list.push_back({{"version", version.version},
                    {"state", state},
                    {"digest", version.digest},
                    {"activates", activation},
                    {"signed_by", signers},
                    {"is_the_file", version.digest == node.file_digest}});
    absl::StrAppend(&text, "\n  version ", version.version, ": ", state);
    if (!activation.empty()) absl::StrAppend(&text, waits ? ", in force from " : " since ", activation);
    absl::StrAppend(&text, "\n    digest     ", version.digest, "\n    signed by  ");
    std::vector<std::string> names;
    for (const json& signer : signers) names.push_back(signer.get<std::string>());
    absl::StrAppend(&text, names.empty() ? "nobody: what the node began with" : absl::StrJoin(names, ", "), "\n");
    if (version.digest == node.file_digest) absl::StrAppend(&text, "    file       ", node.config.federation_path, "\n");
  }
  if (as_json) {
    return json{{"federation", in_force.name}, {"party", node.config.party}, {"versions", list}}.dump(2) + "\n";
  }
  return text;
}

absl::StatusOr<std::string> DiffFederations(const std::string& before_path, const std::string& after_path) {
  CARE_ASSIGN_OR_RETURN(const planner::Catalog before, planner::LoadFederation(before_path));
  CARE_ASSIGN_OR_RETURN(const planner::Catalog after, planner::LoadFederation(after_path));
  return planner::FormatDifferences(before, after);
}

}  // namespace care::engine
