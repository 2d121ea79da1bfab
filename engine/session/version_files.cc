#include "engine/session/version_files.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "engine/session/file_stamp.h"
#include "engine/types/status_macros.h"

namespace care::engine {

absl::StatusOr<std::vector<VersionFile>> VersionsThatMatter(const planner::Catalog& file,
                                                            const std::vector<StoredVersion>& stored,
                                                            UnixSeconds now) {
  const bool is_stored = std::any_of(stored.begin(), stored.end(),
                                     [&](const StoredVersion& version) { return version.digest == file.digest; });
  if (stored.empty() || (!is_stored && file.version > stored.back().version)) {
    return std::vector<VersionFile>{{file, 0}};
  }
  for (const StoredVersion& version : stored) {
    if (version.version == file.version && version.digest != file.digest) {
      return absl::FailedPreconditionError(absl::StrCat(
          "the federation file is version ", file.version, " with digest ", file.digest.substr(0, 16),
          ", but the parties agreed to a version ", file.version, " with digest ", version.digest.substr(0, 16),
          "; put the file that they signed in its place"));
    }
  }
  std::size_t in_force = 0;
  for (std::size_t i = 1; i < stored.size(); ++i) {
    if (stored[i].activates_at <= now) in_force = i;
  }
  const bool before = in_force > 0 && now <= stored[in_force].activates_at + kAcceptPreviousLonger;
  std::vector<VersionFile> files;
  for (std::size_t i = before ? in_force - 1 : in_force; i < stored.size(); ++i) {
    CARE_ASSIGN_OR_RETURN(planner::Catalog catalog, planner::ParseFederation(stored[i].text));
    files.push_back({std::move(catalog), stored[i].activates_at});
  }
  return files;
}

absl::StatusOr<planner::Catalog> LoadFederationInForce(const planner::NodeConfig& config, UnixSeconds now) {
  CARE_ASSIGN_OR_RETURN(planner::Catalog file, planner::LoadFederation(config.federation_path));
  if (StampOf(FederationStore::PathIn(config.data_directory)) == FileStamp{}) return file;
  CARE_ASSIGN_OR_RETURN(const auto store, FederationStore::Open(config.data_directory));
  CARE_ASSIGN_OR_RETURN(const std::vector<StoredVersion> stored, store->Versions());
  CARE_ASSIGN_OR_RETURN(std::vector<VersionFile> files, VersionsThatMatter(file, stored, now));
  planner::Catalog in_force = std::move(files.front().catalog);
  for (std::size_t i = 1; i < files.size(); ++i) {
    if (files[i].activates_at <= now) in_force = std::move(files[i].catalog);
  }
  return in_force;
}

}  // namespace care::engine
