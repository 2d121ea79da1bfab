// engine/session/version_files.h
//
// Which versions of the federation file matter now, out of the file that the node file names and the versions
// that the parties agreed to since (federation_store.h). The file is what a node begins with. Later versions
// come from the store, so the file may stay as it is or be replaced by a version that is in the store. A file
// that is newer than all of the store is taken as it is and at once: an organisation that starts its node anew
// with another file knows what it does, and its peers refuse whatever they do not hold themselves.
#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "engine/session/federation_store.h"
#include "engine/session/federation_versions.h"
#include "planner/catalog/catalog.h"
#include "planner/catalog/node_config.h"

namespace care::engine {

struct VersionFile {
  planner::Catalog catalog;
  UnixSeconds activates_at = 0;
};

// The version in force, before it the one that is still accepted, after it the one that waits; in this order.
absl::StatusOr<std::vector<VersionFile>> VersionsThatMatter(const planner::Catalog& file,
                                                            const std::vector<StoredVersion>& stored, UnixSeconds now);

// The version in force, for tools beside the node. Writes nothing.
absl::StatusOr<planner::Catalog> LoadFederationInForce(const planner::NodeConfig& config, UnixSeconds now);

}  // namespace care::engine
