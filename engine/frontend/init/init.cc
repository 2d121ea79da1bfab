#include "engine/frontend/init/init.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <set>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "engine/frontend/init/federation_template.h"
#include "engine/frontend/init/node_template.h"
#include "engine/types/status_macros.h"
#include "mpc/net/certificate_facts.h"
#include "planner/catalog/federation_table.h"

namespace care::engine {
namespace {

namespace fs = std::filesystem;

absl::Status CheckOptions(const InitOptions& options) {
  std::set<std::string> seen;
  for (const std::string& party : options.parties) {
    if (!planner::IsIdentifier(party)) {
      return absl::InvalidArgumentError(
          absl::StrCat("\"", party, "\" is not a party's name: lower-case letters, digits and _"));
    }
    if (!seen.insert(party).second) return absl::InvalidArgumentError(absl::StrCat("--parties names ", party, " twice"));
  }
  if (options.parties.size() < 3) return absl::InvalidArgumentError("--parties names fewer than three parties");
  if (!seen.contains(options.party)) {
    return absl::InvalidArgumentError(absl::StrCat("--party ", options.party, " is not one of --parties ",
                                                   absl::StrJoin(options.parties, ",")));
  }
  return absl::OkStatus();
}

// All of the file or nothing of it.
absl::Status WriteWhole(const fs::path& path, const std::string& text) {
  const fs::path temporary = path.string() + ".new";
  {
    std::ofstream file(temporary, std::ios::binary | std::ios::trunc);
    file << text;
    file.close();
    if (!file) return absl::UnavailableError(absl::StrCat("cannot write ", temporary.string()));
  }
  std::error_code error;
  fs::rename(temporary, path, error);
  if (error) return absl::UnavailableError(absl::StrCat("cannot write ", path.string(), ": ", error.message()));
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<std::vector<std::string>> WriteInitialFiles(const InitOptions& options) {
  CARE_RETURN_IF_ERROR(CheckOptions(options));
  const fs::path folder = options.directory;
  const fs::path node_path = folder / absl::StrCat(options.party, ".toml");
  const fs::path federation_path = folder / "federation.toml";
  std::error_code error;
  if (!options.replace && fs::exists(node_path, error)) {
    return absl::AlreadyExistsError(
        absl::StrCat(node_path.string(), " exists; --replace writes a new one in its place"));
  }
  fs::create_directories(folder, error);
  if (error) return absl::UnavailableError(absl::StrCat("cannot make ", folder.string(), ": ", error.message()));

  std::vector<std::string> done;
  if (!options.replace && fs::exists(federation_path, error)) {
    done.push_back(absl::StrCat("kept  ", federation_path.string()));
  } else {
    FederationTemplate federation{options.federation_name, options.parties, "", options.party};
    const auto authority = mpc::ReadCertificateFacts((folder / "authority.pem").string(), "");
    if (authority.ok()) federation.authority_sha256 = authority->fingerprint;
    CARE_RETURN_IF_ERROR(WriteWhole(federation_path, FederationText(federation)));
    done.push_back(absl::StrCat("wrote ", federation_path.string()));
  }
  const auto position = std::find(options.parties.begin(), options.parties.end(), options.party);
  NodeTemplate node;
  node.party = options.party;
  node.listen = TrialAddress(static_cast<std::size_t>(position - options.parties.begin()));
  node.database_kind = options.database_kind;
  CARE_RETURN_IF_ERROR(WriteWhole(node_path, NodeText(node)));
  done.push_back(absl::StrCat("wrote ", node_path.string()));
  return done;
}

}  // namespace care::engine
