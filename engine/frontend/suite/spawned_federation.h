// engine/frontend/suite/spawned_federation.h
//
// A federation for one run of suites: keys, node files and three nodes on loopback ports that the system
// chose, in a temporary directory. It ends with this object, by process id, and leaves nothing behind.
//
// The data lie beside the federation file and are only read:
//
//   data/OWNER/TABLE.csv    each table with a header line, as PostgreSQL's COPY writes CSV
//   data/OWNER.toml         instead: the [database] and [tables] sections of the owner's node file, for data in
//                           another kind of database or in another form; paths in it count from data/
//
// The federation file's addresses and authority are replaced; everything else counts as it is written.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "engine/frontend/reference/child_process.h"

namespace care::engine {

struct SpawnOptions {
  std::string program;          // what is started: `PROGRAM serve NODE.toml`
  std::string federation_path;
  std::uint32_t threshold = 10;  // at all nodes
  std::string asked;             // the party whose node is asked; empty: the first compute party
};

class SpawnedFederation {
 public:
  // Returns once all nodes accept connections.
  static absl::StatusOr<std::unique_ptr<SpawnedFederation>> Start(const SpawnOptions& options);
  ~SpawnedFederation();
  SpawnedFederation(const SpawnedFederation&) = delete;

  // Of the party that is asked.
  std::string NodeFile() const { return FileOf(asked_, ".toml"); }
  std::string StateDirectory(const std::string& party) const { return FileOf(party, ".state"); }
  // What the nodes that ended by themselves logged last; empty if all run.
  std::string EndedNodes();

 private:
  SpawnedFederation() = default;
  absl::Status WriteFiles(const SpawnOptions& options);
  absl::Status WriteNodeFile(const std::string& party, const SpawnOptions& options);
  absl::Status StartNode(const std::string& party, const std::string& program);
  std::string FileOf(const std::string& party, const char* extension) const;
  std::string LogOf(const std::string& party) const;

  std::string directory_;
  std::string asked_;
  std::vector<std::string> parties_;
  std::map<std::string, std::uint16_t> ports_;
  std::map<std::string, ChildProcess> nodes_;
};

}  // namespace care::engine
