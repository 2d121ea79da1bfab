// engine/frontend/pgwire/mock_secret.h
//
// The secret from which the made-up salts of unknown users follow (scram.h). It is kept in the node's data
// directory, so that a salt is the same after a restart: a salt that changed would tell that its user does
// not exist.
#pragma once

#include <string>

#include "absl/status/statusor.h"

namespace care::engine::pgwire {

// Makes the file sql-secret, with mode 0600, if it is not there. One that others may read is refused.
absl::StatusOr<std::string> MockSecret(const std::string& data_directory);

}  // namespace care::engine::pgwire
