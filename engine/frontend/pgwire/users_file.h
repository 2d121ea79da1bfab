// engine/frontend/pgwire/users_file.h
//
// The analysts who may connect with a password: names and SCRAM verifiers, in a file of their node that its owner
// alone may read. `care user add` writes it; a node reads it at every login, so that a change needs no restart.
//
//   [[user]]
//   name = "anna"
//   verifier = "SCRAM-SHA-256$10000:...$...:..."
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "engine/frontend/pgwire/scram.h"

namespace care::engine::pgwire {

using Users = std::map<std::string, ScramVerifier>;

// A file that others may read is refused: who has a verifier can try passwords at leisure.
absl::StatusOr<Users> LoadUsers(const std::string& path);
// Replaces the file in one step, with mode 0600.
absl::Status SaveUsers(const std::string& path, const Users& users);

// Lower-case letters, digits, - . _ and @; at most 63 characters.
absl::Status CheckUserName(std::string_view name);

}  // namespace care::engine::pgwire
