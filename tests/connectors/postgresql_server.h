// The PostgreSQL of these tests: one server for all that do not break it, and the owner's own sessions.
#pragma once

#include <libpq-fe.h>

#include <memory>
#include <string>

#include "engine/frontend/reference/temporary_postgres.h"

namespace care::connectors {

// Ends with the process. Its database "postgres" has the collation "C", "letters" that of a language, and "latin" is
// not in UTF-8.
engine::TemporaryPostgres& SharedServer();

std::string UrlOf(const engine::TemporaryPostgres& server, const std::string& user = "postgres",
                  const std::string& database = "postgres");

// A session of the database's owner, beside the connector's.
class OwnerSession {
 public:
  explicit OwnerSession(const std::string& url);
  ~OwnerSession() { PQfinish(handle_); }
  OwnerSession(const OwnerSession&) = delete;
  OwnerSession& operator=(const OwnerSession&) = delete;

  void Execute(const std::string& sql);
  std::string Ask(const std::string& sql);  // the first cell

 private:
  PGconn* handle_;
};

}  // namespace care::connectors
