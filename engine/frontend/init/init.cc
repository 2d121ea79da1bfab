#include "engine/frontend/init/init.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <optional>
#include <set>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "engine/frontend/init/federation_template.h"
#include "engine/frontend/init/node_template.h"
#include "engine/frontend/init/proposal.h"
#include "engine/types/status_macros.h"
#include "mpc/net/certificate_facts.h"
#include "planner/catalog/catalog.h"
#include "planner/catalog/federation_table.h"

namespace care::engine {
namespace {

namespace fs = std::filesystem;

absl::StatusOr<std::vector<std::string>> PartiesOf(const InitOptions& options) {
  if (!options.parties.empty()) return options.parties;
  const fs::path path = fs::path(options.directory) / "federation.toml";
  std::error_code error;
  if (!fs::exists(path, error)) return std::vector<std::string>{"hospital", "insurer", "bureau"};
  const absl::StatusOr<planner::Catalog> catalog = planner::LoadFederation(path.string());
  if (!catalog.ok()) {
    return absl::FailedPreconditionError(absl::StrCat("the parties cannot be read from ", path.string(), ": ",
                                                      std::string(catalog.status().message()),
                                                      "; correct it, or name them with --parties"));
  }
  std::vector<std::string> names;
  for (const auto& party : catalog->parties) names.push_back(party.name);
  return names;
}

absl::Status CheckOptions(const InitOptions& options) {
  std::set<std::string> seen;
  for (const std::string& party : options.parties) {
    if (!planner::IsIdentifier(party)) {
      return absl::InvalidArgumentError(
          absl::StrCat("\"", party, "\" is not a party's name: lower-case letters, digits and _"));
    }
    if (!seen.insert(party).second)
      return absl::InvalidArgumentError(absl::StrCat("--parties names ", party, " twice"));
  }
  if (options.parties.size() < 3)
    return absl::InvalidArgumentError("--parties names fewer than three parties");
  if (!seen.contains(options.party)) {
    return absl::InvalidArgumentError(absl::StrCat("--party ", options.party, " is not one of --parties ",
                                                   absl::StrJoin(options.parties, ",")));
  }
  return absl::OkStatus();
}

// All of the file or nothing of it.
absl::Status WriteWhole(const fs::path& path, const std::string& text, bool for_owner_alone = false) {
  const fs::path temporary = path.string() + ".new";
  if (for_owner_alone) {
    const int handle = open(temporary.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (handle >= 0) close(handle);
  }
  {
    std::ofstream file(temporary, std::ios::binary | std::ios::trunc);
    file << text;
    file.close();
    if (!file) return absl::UnavailableError(absl::StrCat("cannot write ", temporary.string()));
  }
  std::error_code error;
  fs::rename(temporary, path, error);
  if (error)
    return absl::UnavailableError(absl::StrCat("cannot write ", path.string(), ": ", error.message()));
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<std::unique_ptr<InspectedDatabase>> OpenInspected(const InitOptions& options) {
  constexpr std::string_view kSqlite = "sqlite:";
  if (options.inspect.starts_with(kSqlite))
    return InspectSqlite(options.inspect.substr(kSqlite.size()), options.party);
  if (!options.inspect.starts_with("postgresql://") && !options.inspect.starts_with("postgres://")) {
    return absl::InvalidArgumentError("--inspect is postgresql://USER@HOST/DATABASE, or sqlite:PATH");
  }
  planner::NodeConfig config;
  config.party = options.party;
  config.database_kind = "postgresql";
  config.database_url = options.inspect;
  config.database_password_file = options.password_file;
  return InspectPostgresql(config);
}

struct Drafts {
  InitProposal proposal;
  fs::path federation_path;
  fs::path node_path;
};

absl::StatusOr<Drafts> Inspect(const InitOptions& options) {
  Drafts drafts;
  drafts.federation_path =
      fs::path(options.directory) / absl::StrCat(options.party, ".federation.draft.toml");
  drafts.node_path = fs::path(options.directory) / absl::StrCat(options.party, ".tables.draft.toml");
  std::error_code error;
  for (const fs::path& path : {drafts.federation_path, drafts.node_path}) {
    if (!options.replace && fs::exists(path, error)) {
      return absl::AlreadyExistsError(
          absl::StrCat(path.string(), " exists; --replace writes a new one in its place"));
    }
  }
  CARE_ASSIGN_OR_RETURN(const auto database, OpenInspected(options));
  CARE_ASSIGN_OR_RETURN(drafts.proposal, ProposeTables(*database, options.party));
  if (drafts.proposal.tables == 0) {
    return absl::FailedPreconditionError("the database shows no tables; may the role read any?");
  }
  return drafts;
}

absl::StatusOr<std::vector<std::string>> WriteInitialFiles(const InitOptions& asked) {
  InitOptions options = asked;
  CARE_ASSIGN_OR_RETURN(options.parties, PartiesOf(asked));
  CARE_RETURN_IF_ERROR(CheckOptions(options));
  const fs::path folder = options.directory;
  const fs::path node_path = folder / absl::StrCat(options.party, ".toml");
  const fs::path federation_path = folder / "federation.toml";
  std::error_code error;
  std::optional<Drafts> drafts;
  const bool replaces_all = options.replace && options.inspect.empty();
  const bool keep_node = !options.inspect.empty() && fs::exists(node_path, error);
  if (!keep_node && !replaces_all && fs::exists(node_path, error)) {
    return absl::AlreadyExistsError(
        absl::StrCat(node_path.string(), " exists; --replace writes a new one in its place"));
  }
  if (!options.inspect.empty()) {
    CARE_ASSIGN_OR_RETURN(drafts, Inspect(options));
  }
  fs::create_directories(folder, error);
  if (error)
    return absl::UnavailableError(absl::StrCat("cannot make ", folder.string(), ": ", error.message()));

  std::vector<std::string> done;
  if (!replaces_all && fs::exists(federation_path, error)) {
    done.push_back(absl::StrCat("kept  ", federation_path.string()));
  } else {
    FederationTemplate federation{options.federation_name, options.parties, "", options.party};
    const auto authority = mpc::ReadCertificateFacts((folder / "authority.pem").string(), "");
    if (authority.ok()) federation.authority_sha256 = authority->fingerprint;
    CARE_RETURN_IF_ERROR(WriteWhole(federation_path, FederationText(federation)));
    done.push_back(absl::StrCat("wrote ", federation_path.string()));
  }
  if (drafts.has_value()) {
    CARE_RETURN_IF_ERROR(WriteWhole(drafts->federation_path, drafts->proposal.federation, true));
    CARE_RETURN_IF_ERROR(WriteWhole(drafts->node_path, drafts->proposal.node, true));
    done.push_back(absl::StrCat("wrote ", drafts->federation_path.string(), ": a draft of ",
                                drafts->proposal.tables,
                                " tables for federation.toml; read every line of it first"));
    done.push_back(absl::StrCat("wrote ", drafts->node_path.string(), ": where those tables are, for ",
                                node_path.string()));
  }
  if (keep_node) {
    done.push_back(absl::StrCat("kept  ", node_path.string()));
    return done;
  }
  const auto position = std::find(options.parties.begin(), options.parties.end(), options.party);
  NodeTemplate node;
  node.party = options.party;
  node.listen = TrialAddress(static_cast<std::size_t>(position - options.parties.begin()));
  node.database_kind = options.database_kind;
  if (drafts.has_value()) {
    const bool is_sqlite = options.inspect.starts_with("sqlite:");
    node.database_kind = is_sqlite ? "sqlite" : "postgresql";
    node.database_place = is_sqlite ? fs::absolute(options.inspect.substr(7)).string() : options.inspect;
    node.tables = drafts->proposal.node;
  }
  CARE_RETURN_IF_ERROR(WriteWhole(node_path, NodeText(node)));
  done.push_back(absl::StrCat("wrote ", node_path.string()));
  return done;
}

}  // namespace care::engine
