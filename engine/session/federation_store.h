// engine/session/federation_store.h
//
// The versions of the federation file that this party agreed to, with the instant from which each is in force
// and everybody's signatures: federation.sqlite in the node's data directory. `care federation activate` writes
// it while the node runs; the node reads it when it starts and when it has changed. Each change is one
// transaction, so a crash leaves the versions before it or after it.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "engine/session/federation_versions.h"

struct sqlite3;

namespace care::engine {

struct StoredVersion {
  std::uint32_t version = 0;
  std::string digest;
  std::string text;  // the file's bytes
  UnixSeconds activates_at = 0;
  std::string signatures;  // JSON: an object a party; empty for the version that a node began with
};

// What a party has signed, as this node has seen it.
struct SeenSignature {
  std::uint32_t version = 0;
  std::string party;
  std::string signed_bytes;  // FederationChange::SignedBytes
  std::string text;          // the signature, as JSON
};

class FederationStore {
 public:
  // Opens or creates the store; the directory is created if need be.
  static absl::StatusOr<std::unique_ptr<FederationStore>> Open(const std::string& data_directory);
  static std::string PathIn(const std::string& data_directory);
  ~FederationStore();

  // In ascending order.
  absl::StatusOr<std::vector<StoredVersion>> Versions();
  // Adds the version that follows `in_force`, and `in_force` itself if it is not there yet.
  absl::Status Install(const StoredVersion& in_force, const StoredVersion& next);
  // All that were seen of this version, oldest first.
  absl::StatusOr<std::vector<SeenSignature>> Signatures(std::uint32_t version);
  // Only of signatures that were found valid: what is remembered here accuses somebody.
  absl::Status Remember(const SeenSignature& signature);
  // Takes the place of all that this party had signed of this version.
  absl::Status Replace(const SeenSignature& signature);
  // Takes back a version whose instant has not come.
  absl::Status Withdraw(std::uint32_t version, UnixSeconds now);

 private:
  explicit FederationStore(sqlite3* database, std::string path) : database_(database), path_(std::move(path)) {}
  absl::Status Execute(const char* sql);
  absl::Status InTransaction(const std::function<absl::Status()>& change);
  absl::Status Insert(const StoredVersion& version);
  absl::Status Failed(const char* what);

  sqlite3* database_;
  const std::string path_;
};

}  // namespace care::engine
