// engine/frontend/shell/change_federation.h
//
// `care federation`: how organisations that trust nobody's server agree on a new federation file. The file goes
// round by whatever way they like; each signs its bytes and an instant (PARTY.sig in the folder FILE.sig beside
// it); once all signatures are there each activates it at its own node, which then holds it until the instant
// has come. See engine/session/federation_change.h for what is signed.
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "engine/session/federation_versions.h"

namespace care::engine {

struct ChangeOptions {
  std::string federation_path;  // the new file
  std::string node_path;
  std::string at;             // "2026-12-01T06:00:00Z"; to activate, empty: as it was signed
  std::string replaces_path;  // to sign as a party that is new: the file in force; empty: the node's own
  UnixSeconds now = 0;
  bool replace = false;  // to sign another change with a number that was signed already
};

// Each returns what to tell the administrator.
absl::StatusOr<std::string> SignFederation(const ChangeOptions& options);
absl::StatusOr<std::string> ActivateFederation(const ChangeOptions& options);
absl::StatusOr<std::string> WithdrawFederation(const ChangeOptions& options);
absl::StatusOr<std::string> FederationStatus(const ChangeOptions& options, bool as_json);
absl::StatusOr<std::string> DiffFederations(const std::string& before_path, const std::string& after_path);

}  // namespace care::engine
