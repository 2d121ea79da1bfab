// engine/session/version_upkeep.h
//
// Keeps what a node holds in step with the versions that its party agreed to, while it runs: takes up a version
// that was activated, with an engine of its own, says so when it comes into force, and lets go of what is no
// longer accepted.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "engine/session/federation_store.h"
#include "engine/session/file_stamp.h"
#include "engine/session/node_resources.h"

namespace care::engine {

class VersionUpkeep {
 public:
  // `reload_config` reads the node file again: a version with new tables needs to know where they are.
  // `changed` is called when the node holds other versions than before, but not by Begin.
  VersionUpkeep(NodeResources& node, planner::Catalog file, MakeEngine make_engine,
                std::function<absl::StatusOr<planner::NodeConfig>()> reload_config, std::function<void()> changed);

  // What the node starts with. Fails if the version in force cannot be served.
  absl::Status Begin();
  // Looks whether anything has changed, also at what failed before if `again`.
  void Check(bool again);
  // Fingerprints of the authorities of all versions that are held.
  std::vector<std::string> Authorities() const;

 private:
  absl::StatusOr<HeldVersion> TakeUp(planner::Catalog catalog, UnixSeconds activates_at,
                                     const planner::NodeConfig& config);
  absl::Status Reload(UnixSeconds now, bool again);
  void SayWhatIsInForce(UnixSeconds now);

  NodeResources& node_;
  const planner::Catalog file_;
  const MakeEngine make_engine_;
  const std::function<absl::StatusOr<planner::NodeConfig>()> reload_config_;
  const std::function<void()> changed_;
  std::unique_ptr<FederationStore> store_;
  FileStamp store_stamp_;
  std::string in_force_digest_;
  std::vector<std::string> unusable_;  // digests of versions whose engine could not be made
};

}  // namespace care::engine
