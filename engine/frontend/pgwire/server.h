// engine/frontend/pgwire/server.h
//
// The node's port for clients of PostgreSQL's protocol: psql, ODBC, JDBC, libpq and what stands on them. It runs
// inside `care serve` where the node file has a section [sql], and asks the node as any front end does
// (engine/session/question.h).
#pragma once

#include <memory>

#include "absl/status/statusor.h"
#include "engine/session/node_resources.h"

namespace care::engine::pgwire {

class Server {
 public:
  // The node outlives it, and its configuration has a section [sql].
  static absl::StatusOr<std::unique_ptr<Server>> Start(NodeResources& node);
  // Ends running statements with a reason for their clients, and returns when all sessions have ended.
  ~Server();

  int port() const;
  std::size_t connections() const;

 private:
  struct State;
  explicit Server(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace care::engine::pgwire
