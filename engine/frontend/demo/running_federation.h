// engine/frontend/demo/running_federation.h
//
// Three nodes, each a `care serve` process of this program with its output in a log file. They end with this
// object, by process id.
#pragma once

#include <map>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "engine/frontend/demo/federation_directory.h"
#include "engine/frontend/reference/child_process.h"

namespace care::engine {

class RunningFederation {
 public:
  // Returns once all three accept connections.
  static absl::StatusOr<std::unique_ptr<RunningFederation>> Start(const std::string& program,
                                                                  const FederationDirectory& directory,
                                                                  std::string purpose);

  absl::Status StartNode(const std::string& party);
  void KillNode(const std::string& party);  // SIGKILL: it has no chance to say goodbye
  pid_t PidOf(const std::string& party) const { return nodes_.at(party).pid(); }
  bool IsRunning(const std::string& party) { return nodes_.at(party).IsRunning(); }
  // The first node that ended by itself; empty if all run.
  std::string EndedNode();

 private:
  RunningFederation(std::string program, const FederationDirectory& directory, std::string purpose)
      : program_(std::move(program)), directory_(directory), purpose_(std::move(purpose)) {}

  const std::string program_;
  const FederationDirectory& directory_;
  const std::string purpose_;
  std::map<std::string, ChildProcess> nodes_;
};

}  // namespace care::engine
