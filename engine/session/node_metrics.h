// engine/session/node_metrics.h
//
// What a node has done since it started, counted for its operator: queries by kind and outcome, how long they
// took, what passed over each link. Names of organisations and of outcomes appear; no SQL, no value, no
// person's name. The node owns the only one; whoever counts is handed a reference.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <utility>

#include "absl/status/status.h"

namespace care::engine {

// What this node's part in a query is.
enum class QueryKind : std::uint8_t {
  kAsked,      // by one of its own analysts
  kExplained,  // the same, planned but not run
  kTookPart,   // asked at another party's node
};

// Snake case, as scripts and dashboards have it: "asked", "took_part".
const char* NameOf(QueryKind kind);
// "ok", "invalid_argument", "unavailable", ...
std::string NameOfOutcome(absl::StatusCode code);

class NodeMetrics {
 public:
  void Began(QueryKind kind);
  void Ended(QueryKind kind, absl::StatusCode outcome, double seconds);
  void AddRounds(std::uint64_t rounds) { rounds_ += rounds; }
  void AddTraffic(const std::string& peer, std::uint64_t sent_bytes, std::uint64_t received_bytes);
  void RefusedConnection() { ++refused_connections_; }

  // In Prometheus' text format, with HELP and TYPE lines.
  std::string Text() const;

 private:
  static constexpr std::array<double, 10> kBounds = {0.1, 0.3, 1,   3,    10,
                                                     30,  100, 300, 1000, 3000};  // seconds
  struct Durations {
    std::array<std::uint64_t, kBounds.size() + 1> counts{};  // of each interval; the last has no end
    double sum = 0;
  };
  struct Traffic {
    std::uint64_t sent_bytes = 0;
    std::uint64_t received_bytes = 0;
  };

  std::atomic<std::uint64_t> rounds_{0};
  std::atomic<std::uint64_t> refused_connections_{0};

  mutable std::mutex mutex_;  // a few times a query
  std::map<QueryKind, std::int64_t> running_;
  std::map<std::pair<QueryKind, absl::StatusCode>, std::uint64_t> ended_;
  std::map<QueryKind, Durations> durations_;
  std::map<std::string, Traffic> traffic_;  // by peer
};

}  // namespace care::engine
