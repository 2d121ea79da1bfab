#include "engine/session/federation_version.h"

#include <utility>

#include "engine/types/status_macros.h"

namespace care::engine {

absl::StatusOr<FederationVersionPtr> MakeVersion(planner::Catalog catalog, planner::NodeConfig config,
                                                 const MakeEngine& make_engine) {
  auto version = std::make_shared<FederationVersion>();
  version->config = std::move(config);
  version->catalog = std::move(catalog);
  version->self = version->catalog.FindParty(version->config.party);
  CARE_ASSIGN_OR_RETURN(version->engine, make_engine(version->catalog, version->config));
  return FederationVersionPtr(std::move(version));
}

}  // namespace care::engine
