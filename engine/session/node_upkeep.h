// engine/session/node_upkeep.h
//
// What a node looks after while it runs, on a thread of its own that wakes every few seconds for a handful of
// stat calls: versions of the federation file and its own certificate. Both change by files that an
// administrator or a certificate tool writes, so neither needs a restart nor a word to the node; SIGHUP makes it
// look at once.
#pragma once

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <thread>

#include "absl/status/status.h"
#include "engine/session/identity_upkeep.h"
#include "engine/session/version_upkeep.h"

namespace care::engine {

class NodeUpkeep {
 public:
  NodeUpkeep(VersionUpkeep versions, IdentityUpkeep identity, std::chrono::milliseconds interval)
      : versions_(std::move(versions)), identity_(std::move(identity)), interval_(interval) {}
  ~NodeUpkeep();

  // What a node needs before it serves.
  absl::Status Begin();
  void Start();
  // Looks now, also at what failed before.
  void CheckNow();

 private:
  VersionUpkeep versions_;
  IdentityUpkeep identity_;
  const std::chrono::milliseconds interval_;
  std::mutex mutex_;
  std::condition_variable wake_;
  bool stopping_ = false;
  bool again_ = false;
  std::thread thread_;
};

}  // namespace care::engine
