// engine/frontend/operate/health_watch.h
//
// Looks every half minute whether the database can be reached and the ledger written, so that whoever asks
// for a node's health gets an answer at once and cannot make the database busy by asking. A change is a line
// in the log.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <thread>

#include "absl/status/status.h"
#include "engine/session/node_resources.h"

namespace care::engine {

struct HealthSeen {
  absl::Status database;
  absl::Status ledger;
  std::int64_t at = 0;  // seconds since 1970; 0: the first look is not over
};

class HealthWatch {
 public:
  static constexpr std::chrono::seconds kInterval{30};

  explicit HealthWatch(NodeResources& node, std::chrono::milliseconds interval = kInterval);
  ~HealthWatch();

  HealthSeen seen() const;
  // Returns when a look that began after the call is over.
  void LookNow();

 private:
  void Run();
  void Look();

  NodeResources& node_;
  const std::chrono::milliseconds interval_;
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  HealthSeen seen_;
  std::uint64_t wanted_ = 1;  // looks asked for, and done
  std::uint64_t done_ = 0;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace care::engine
