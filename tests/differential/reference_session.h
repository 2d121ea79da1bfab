// tests/differential/reference_session.h
//
// One session at a temporary PostgreSQL for many small queries: psql for each would take longer than the queries.
#pragma once

#include <libpq-fe.h>

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "engine/frontend/reference/temporary_postgres.h"
#include "engine/frontend/reference/text_table.h"

namespace care::engine {

class ReferenceSession {
 public:
  static absl::StatusOr<std::unique_ptr<ReferenceSession>> Open(const TemporaryPostgres& server);
  ~ReferenceSession() { PQfinish(handle_); }
  ReferenceSession(const ReferenceSession&) = delete;
  ReferenceSession& operator=(const ReferenceSession&) = delete;

  // Statements without an answer, or the last one's answer.
  absl::StatusOr<TextTable> Run(const std::string& sql);

 private:
  explicit ReferenceSession(PGconn* handle) : handle_(handle) {}
  PGconn* handle_;
};

}  // namespace care::engine
