// engine/session/node_reach.h
//
// Until release control is complete a node listens on and dials loopback addresses only, unless its node file
// says `preview = true`.
#pragma once

#include <string>

#include "absl/status/status.h"
#include "planner/catalog/catalog.h"
#include "planner/catalog/node_config.h"

namespace care::engine {

// `what`: how to call it, as "the proxy".
absl::Status CheckAddress(const std::string& address, const std::string& what, bool preview);

// The address to listen on and those of all parties.
absl::Status CheckReach(const planner::NodeConfig& config, const planner::Catalog& catalog);

}  // namespace care::engine
