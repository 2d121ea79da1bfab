// engine/frontend/shell/make_keys.h
//
// `care keygen`: the certificates of a federation, in one directory, for trials. In a real federation each
// organisation makes its own key and has the authority sign it; then only the authority is made here.
//
//   authority.pem, authority.key           the federation's authority
//   <party>.pem, <party>.key               each node's
//   analyst.<party>.pem, analyst.<party>.key   each organisation's analysts'
//
// Private keys are readable by their owner alone (mode 0600).
//
// RenewKeys gives one of them a new certificate from the authority in the directory, usually with a new key, and
// keeps the pair that was there as NAME.pem.before and NAME.key.before. A node that uses the directory takes the
// new pair up by itself.
#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"

namespace care::engine {

struct KeyOptions {
  std::string directory;  // is created if need be
  std::string name = "Care for Data federation authority";
  std::vector<std::string> parties;
  int days = 365;
  bool authority_only = false;  // parties make their keys themselves
  bool replace = false;  // keys that exist; else they are an error
};

struct RenewOptions {
  std::string directory;
  std::string name;  // a party, or "analyst@" and a party
  int days = 365;
  bool same_key = false;
};

// What to tell the administrator.
absl::StatusOr<std::string> RenewKeys(const RenewOptions& options);

// The authority's fingerprint, for `authority_sha256` of the federation file.
absl::StatusOr<std::string> MakeKeys(const KeyOptions& options);

}  // namespace care::engine
