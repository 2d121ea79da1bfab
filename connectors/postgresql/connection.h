// connectors/postgresql/connection.h
//
// RAII over libpq: one connection and its statements. Every wait is a poll that another thread can end and that a
// deadline ends, so that neither a cancelled query nor a dead network holds the node's thread. Errors: server_error.h.
#pragma once

#include <libpq-fe.h>

#include <atomic>
#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/statusor.h"
#include "connectors/postgresql/connection_settings.h"

namespace care::connectors {

class PostgresqlConnection {
 public:
  using Rows = std::vector<std::vector<std::optional<std::string>>>;
  struct ResultColumn {
    std::string name;
    Oid type = 0;       // of a domain: the type beneath it
    int modifier = -1;  // numeric's digits, varchar's length
    friend bool operator==(const ResultColumn&, const ResultColumn&) = default;
  };

  static absl::StatusOr<std::unique_ptr<PostgresqlConnection>> Open(const ConnectionSettings& settings,
                                                                    std::string party);
  ~PostgresqlConnection();
  PostgresqlConnection(const PostgresqlConnection&) = delete;
  PostgresqlConnection& operator=(const PostgresqlConnection&) = delete;

  // `what` of each: the table that errors name, or empty.
  absl::Status Execute(const std::string& statements, const std::string& what = {});
  absl::StatusOr<Rows> Query(const std::string& sql, const std::vector<std::string>& parameters = {},
                             const std::string& what = {});
  // The columns that a statement would yield, without running it.
  absl::StatusOr<std::vector<ResultColumn>> Describe(const std::string& sql, const std::string& what = {});
  // Runs COPY ... TO STDOUT; `receive` gets each message. Its error ends the COPY and is returned.
  absl::Status CopyOut(const std::string& sql,
                       absl::FunctionRef<absl::Status(const char* data, std::size_t size)> receive,
                       const std::string& what = {});

  // A statement that takes longer than this fails, whether or not its server still answers.
  void SetPatience(std::chrono::milliseconds patience) { patience_ = patience; }
  void Interrupt();  // From any thread; sticks until ClearInterrupt.
  void ClearInterrupt();

  // False once the connection is of no more use.
  bool usable() const { return usable_; }
  int server_version() const { return PQserverVersion(handle_); }
  bool is_utf8() const;

 private:
  PostgresqlConnection(PGconn* handle, int wake, std::string party)
      : handle_(handle), wake_(wake), party_(std::move(party)) {}

  absl::Status Connect(const std::string& server);
  absl::Status Start(int sent);  // after a PQsend...
  // Until the server has something to read, or may be written to.
  absl::Status Wait(short events);
  // The next result of the running statement; null when there are no more.
  absl::StatusOr<PGresult*> NextResult();
  absl::StatusOr<std::unique_ptr<PGresult, void (*)(PGresult*)>> Finish(const std::string& what);
  // Ends the running statement and takes what is left of its answer; gives the connection up if that takes long.
  void Abandon();
  absl::Status Lost();

  PGconn* handle_;
  int wake_;  // an eventfd
  std::string party_;
  std::atomic<bool> interrupted_{false};
  bool usable_ = true;
  bool withdrawn_ = false;  // the server said that it withdrew the snapshot, outside of any statement
  std::chrono::milliseconds patience_{130'000};
  std::chrono::steady_clock::time_point deadline_;
};

}  // namespace care::connectors
