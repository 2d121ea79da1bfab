// engine/session/federation_change.h
//
// What a party signs when the federation file changes: from which bytes to which, and when. Every party of the
// file in force and of the new one signs the same statement with its node's key, so that no party can be moved
// to a version, or at a time, that it did not agree to, and none is removed without knowing.
//
// A signature is a small JSON file, PARTY.sig, that carries the signer's certificate: anybody who has the
// authority's certificate can check it.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "engine/session/federation_versions.h"
#include "mpc/net/tls_identity.h"
#include "planner/catalog/catalog.h"

namespace care::engine {

struct FederationChange {
  std::string federation;
  std::uint32_t version = 0;
  std::string digest;    // of the new file's bytes
  std::string replaces;  // digest of the file in force
  UnixSeconds activates_at = 0;

  std::string SignedBytes() const;
};

struct FederationSignature {
  FederationChange change;
  std::string party;
  std::string certificate_pem;
  std::string signature;

  std::string ToJson() const;
  static absl::StatusOr<FederationSignature> FromJson(const std::string& text);
};

absl::StatusOr<FederationSignature> SignChange(const FederationChange& change, const std::string& party,
                                               const std::string& certificate_pem,
                                               const mpc::TlsIdentity& identity);

// Everybody who must sign: the parties of both files, those of the file in force first.
std::vector<std::string> Signers(const planner::Catalog& in_force, const planner::Catalog& next);

// OK if `signature` is of `change` and by who it says. A party of the file in force is known by a certificate of
// that file's authority; only one that is new, by the new file's: a new authority cannot sign for those whom it
// was not trusted for before. `authorities_pem` holds both.
absl::Status CheckSignature(const FederationSignature& signature, const FederationChange& change,
                            const planner::Catalog& in_force, const planner::Catalog& next,
                            const std::string& authorities_pem);

}  // namespace care::engine
