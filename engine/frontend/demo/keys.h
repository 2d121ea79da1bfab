// engine/frontend/demo/keys.h
//
// The demonstration's certificates, made on the first run and kept: an authority, a node's certificate for
// each party, by `care keygen`.
#pragma once

#include <string>

#include "absl/status/statusor.h"

namespace care::engine {

// The authority's fingerprint. Makes everything anew if anything is missing or about to expire.
absl::StatusOr<std::string> EnsureKeys(const std::string& program, const std::string& directory);

}  // namespace care::engine
