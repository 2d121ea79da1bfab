#include "engine/session/version_upkeep.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "engine/session/node_reach.h"
#include "engine/session/version_files.h"
#include "engine/types/status_macros.h"

namespace care::engine {

VersionUpkeep::VersionUpkeep(NodeResources& node, planner::Catalog file, MakeEngine make_engine,
                             std::function<absl::StatusOr<planner::NodeConfig>()> reload_config,
                             std::function<void()> changed)
    : node_(node),
      file_(std::move(file)),
      make_engine_(std::move(make_engine)),
      reload_config_(std::move(reload_config)),
      changed_(std::move(changed)) {}

// Never fails for what the party agreed to: a version that cannot be served is held all the same, and refuses.
absl::StatusOr<HeldVersion> VersionUpkeep::TakeUp(planner::Catalog catalog, UnixSeconds activates_at,
                                                  const planner::NodeConfig& config) {
  const std::string digest = catalog.digest;
  absl::Status why;
  if (catalog.FindParty(config.party) == kNoParty) {
    why = absl::FailedPreconditionError(absl::StrCat(config.party, " is not a party of version ", catalog.version,
                                                     " of federation ", catalog.name, ", in force since ",
                                                     FormatInstant(activates_at)));
  } else {
    why = CheckReach(config, catalog);
    if (why.ok()) {
      absl::StatusOr<FederationVersionPtr> made = MakeVersion(catalog, config, make_engine_);
      if (made.ok()) return HeldVersion{*std::move(made), activates_at};
      why = made.status();
    }
    node_.log->error("version {} of federation {} cannot be served by this node as it is: {}", catalog.version,
                     catalog.name, std::string(why.message()));
    unusable_.push_back(digest);
    // The reason may speak of this organisation's own files and database; peers hear of neither.
    why = absl::FailedPreconditionError(absl::StrCat("the node of ", config.party, " cannot serve version ",
                                                     catalog.version, " of federation ", catalog.name,
                                                     " yet; its log says why"));
  }
  return HeldVersion{RefusingVersion(std::move(catalog), config, why), activates_at};
}

absl::Status VersionUpkeep::Begin() {
  CARE_ASSIGN_OR_RETURN(store_, FederationStore::Open(node_.config.data_directory));
  store_stamp_ = StampOf(FederationStore::PathIn(node_.config.data_directory));
  const UnixSeconds now = node_.clock();
  CARE_ASSIGN_OR_RETURN(const std::vector<StoredVersion> stored, store_->Versions());
  CARE_ASSIGN_OR_RETURN(std::vector<VersionFile> files, VersionsThatMatter(file_, stored, now));
  std::vector<HeldVersion> held;
  std::size_t in_force = 0;
  for (std::size_t i = 1; i < files.size(); ++i) {
    if (files[i].activates_at <= now) in_force = i;
  }
  for (std::size_t i = 0; i < files.size(); ++i) {
    VersionFile& file = files[i];
    if (i != in_force) {
      CARE_ASSIGN_OR_RETURN(held.emplace_back(), TakeUp(std::move(file.catalog), file.activates_at, node_.config));
      continue;
    }
    if (file.catalog.FindParty(node_.config.party) == kNoParty) {
      return absl::InvalidArgumentError(absl::StrCat("party \"", node_.config.party,
                                                     "\" of the node file is not in the federation ",
                                                     file.catalog.name));
    }
    CARE_RETURN_IF_ERROR(CheckReach(node_.config, file.catalog));
    CARE_ASSIGN_OR_RETURN(auto version, MakeVersion(std::move(file.catalog), node_.config, make_engine_));
    held.push_back({std::move(version), file.activates_at});
  }
  node_.versions.Hold(std::move(held));
  in_force_digest_ = node_.catalog()->digest;
  if (const auto pending = node_.versions.Pending(now)) {
    node_.log->info("version {} of federation {} is in force from {}", pending->version->catalog.version,
                    pending->version->catalog.name, FormatInstant(pending->activates_at));
  }
  return absl::OkStatus();
}

absl::Status VersionUpkeep::Reload(UnixSeconds now, bool again) {
  CARE_ASSIGN_OR_RETURN(const std::vector<StoredVersion> stored, store_->Versions());
  CARE_ASSIGN_OR_RETURN(std::vector<VersionFile> files, VersionsThatMatter(file_, stored, now));
  const std::vector<HeldVersion> before = node_.versions.Held();
  std::vector<HeldVersion> held;
  for (VersionFile& file : files) {
    const std::string digest = file.catalog.digest;
    const auto known = std::find_if(before.begin(), before.end(), [&](const HeldVersion& version) {
      return version.version->catalog.digest == digest && version.activates_at == file.activates_at;
    });
    const bool unusable = std::find(unusable_.begin(), unusable_.end(), digest) != unusable_.end();
    if (known != before.end() && !(again && unusable)) {
      held.push_back(*known);
      continue;
    }
    planner::NodeConfig config = node_.config;
    if (reload_config_) {
      CARE_ASSIGN_OR_RETURN(config, reload_config_());
      if (config.party != node_.config.party) {
        return absl::InvalidArgumentError("the node file is of another party now; the node keeps what it has");
      }
    }
    std::erase(unusable_, digest);
    const std::uint32_t version = file.catalog.version;
    CARE_ASSIGN_OR_RETURN(held.emplace_back(), TakeUp(std::move(file.catalog), file.activates_at, config));
    node_.log->info("version {} of federation {}, digest {}, was agreed and is in force from {}", version,
                    held.back().version->catalog.name, digest.substr(0, 16), FormatInstant(file.activates_at));
  }
  for (const HeldVersion& version : before) {
    const bool kept = std::any_of(held.begin(), held.end(), [&](const HeldVersion& other) {
      return other.version->catalog.digest == version.version->catalog.digest;
    });
    if (kept) continue;
    node_.log->info("version {} of federation {} is {}", version.version->catalog.version,
                    version.version->catalog.name,
                    version.activates_at > now ? "withdrawn" : "no longer accepted");
  }
  node_.versions.Hold(std::move(held));
  changed_();
  return absl::OkStatus();
}

void VersionUpkeep::SayWhatIsInForce(UnixSeconds now) {
  const FederationVersionPtr version = node_.versions.InForce(now);
  if (version->catalog.digest == in_force_digest_) return;
  in_force_digest_ = version->catalog.digest;
  node_.log->info("version {} of federation {} is in force now; peers may use the one before it for {} minutes",
                  version->catalog.version, version->catalog.name, kAcceptPreviousLonger / 60);
}

void VersionUpkeep::Check(bool again) {
  const UnixSeconds now = node_.clock();
  const FileStamp stamp = StampOf(FederationStore::PathIn(node_.config.data_directory));
  bool outdated = false;  // a version whose time is over
  const std::vector<HeldVersion> held = node_.versions.Held();
  for (std::size_t i = 0; i + 1 < held.size(); ++i) {
    outdated = outdated || now > held[i + 1].activates_at + kAcceptPreviousLonger;
  }
  if (stamp != store_stamp_ || outdated || again) {
    const absl::Status status = Reload(now, again);
    if (status.ok()) {
      store_stamp_ = stamp;
    } else if (stamp != store_stamp_ || again) {
      node_.log->warn("the versions of the federation stay as they are: {}", std::string(status.message()));
      store_stamp_ = stamp;
    }
  }
  SayWhatIsInForce(now);
}

std::vector<std::string> VersionUpkeep::Authorities() const {
  std::vector<std::string> fingerprints;
  for (const HeldVersion& held : node_.versions.Held()) {
    const std::string& fingerprint = held.version->catalog.authority_sha256;
    if (std::find(fingerprints.begin(), fingerprints.end(), fingerprint) == fingerprints.end()) {
      fingerprints.push_back(fingerprint);
    }
  }
  return fingerprints;
}

}  // namespace care::engine
