// engine/frontend/reference/temporary_postgres.h
//
// PostgreSQL as the reference that answers are compared with: a server of our own in a temporary directory,
// on a unix socket there, that ends and is removed with this object. It never touches another server of the
// machine. Statements go through psql, so that nothing of ours interprets a value on its way out.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "engine/frontend/reference/child_process.h"
#include "engine/frontend/reference/text_table.h"

namespace care::engine {

struct PostgresOptions {
  std::vector<std::string> settings;  // as after -c: "ssl=on"
  int port = 5432;                    // of the socket's name, and of TCP if listen_addresses is set
  std::string standby_of;  // directory of a server that this one replicates; that one has wal_level=replica and senders
};

class TemporaryPostgres {
 public:
  // Needs Debian's postgresql-15; PostgreSQL refuses to run as root and then runs as the user postgres.
  static absl::StatusOr<std::unique_ptr<TemporaryPostgres>> Start(PostgresOptions options = {});
  ~TemporaryPostgres();
  TemporaryPostgres(const TemporaryPostgres&) = delete;
  TemporaryPostgres& operator=(const TemporaryPostgres&) = delete;

  // Statements or psql's own commands, as one script; stops at the first error.
  absl::Status Execute(const std::string& script, const std::string& database = "postgres");
  // Loads <directory>/<schema>.<table>.csv for each table (COPY's CSV, with a header line).
  absl::Status LoadCsv(const std::string& directory, const std::vector<std::string>& tables,
                       const std::string& database = "postgres");
  absl::StatusOr<TextTable> Query(std::string_view sql, const std::string& database = "postgres");

  // Where its socket is: libpq's host. Its superuser is postgres, whom everyone on the socket may be.
  const std::string& directory() const { return directory_; }
  // The server ends at once, as when its machine fails; with Restart it recovers.
  void Crash();
  absl::Status Restart();

 private:
  TemporaryPostgres(std::string directory, PostgresOptions options)
      : directory_(std::move(directory)), options_(std::move(options)) {}
  absl::Status Launch();
  absl::StatusOr<std::string> RunPsql(const std::string& script, const std::string& database);

  std::string directory_;
  PostgresOptions options_;
  std::string programs_;
  std::optional<ChildProcess> server_;
};

}  // namespace care::engine
