// connectors/postgresql/connection_settings.h
//
// From [database] in a node file to what libpq connects with. The url holds everything but the password, which
// is in a file of its own (or wherever libpq itself looks: ~/.pgpass, a client certificate). What the url leaves
// open gets the safe value: TLS with a verified server name to every host but this one, limits on how long a
// dead network is waited for.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "planner/catalog/node_config.h"

namespace care::connectors {

struct ConnectionSettings {
  std::vector<std::pair<std::string, std::string>> parameters;  // libpq's keywords; the password among them
  std::string server;                                           // "db.example:5432", for errors
};

// InvalidArgument, with the key to correct; never the url itself, which may hold a password.
absl::StatusOr<ConnectionSettings> ReadConnectionSettings(const planner::NodeConfig& config);

}  // namespace care::connectors
