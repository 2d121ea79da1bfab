// engine/session/node.h
//
// One organisation's node: `care serve`. One port, on which other parties' nodes and this organisation's own
// analysts connect, told apart by their certificates. A connection is one query, on a thread of its own; a query
// that fails ends alone. While nothing is asked every thread sleeps.
//
// Until release control is complete the node refuses to listen or to dial beyond loopback (node_reach.h).
#pragma once

#include <chrono>
#include <functional>
#include <memory>

#include "absl/status/statusor.h"
#include "engine/session/node_resources.h"

namespace care::engine {

struct NodeOptions {
  SessionTimeouts timeouts;
  std::shared_ptr<spdlog::logger> log;  // null: silent
  std::function<UnixSeconds()> clock;   // null: the system's
  std::string program_version = "unknown";
  // Reads the node file again, for a version of the federation with new tables. Null: it stays as it is.
  std::function<absl::StatusOr<planner::NodeConfig>()> reload_config;
  std::chrono::milliseconds upkeep{5'000};  // how often the node looks whether files have changed
};

class Node {
 public:
  static absl::StatusOr<std::unique_ptr<Node>> Start(planner::NodeConfig config, planner::Catalog catalog,
                                                     const MakeEngine& make_engine, NodeOptions options);
  // Ends running queries with a reason for their analysts and returns when all threads have finished.
  ~Node();

  int port() const;
  // No new queries, of analysts or of peers, from now on; those that run may go on.
  void Drain();
  // Returns when no query runs, `limit` is over, or Hurry was called. True if none runs.
  bool AwaitIdle(std::chrono::seconds limit);
  void Hurry();
  // Looks at once whether a version of the federation or a certificate waits to be taken up.
  void CheckFiles();
  // What other front ends of this node ask through (question.h). They must end before the node does.
  NodeResources& resources();

 private:
  struct State;
  explicit Node(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

// The certificate name of a party's analysts.
std::string AnalystName(const std::string& party);

}  // namespace care::engine
