// connectors/sqlite/database.h
//
// RAII over SQLite's C interface: a read-only connection and its statements. SQLite's own messages can quote
// data and paths, so they stop here; what leaves is a status that names the party and the remedy.
#pragma once

#include <sqlite3.h>

#include <atomic>
#include <chrono>
#include <memory>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace care::connectors {

class SqliteStatement {
 public:
  // True: a row is there. False: no more rows.
  absl::StatusOr<bool> Step();
  sqlite3_stmt* get() const { return statement_.get(); }

 private:
  friend class SqliteDatabase;
  struct Finalizer {
    void operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
  };
  std::unique_ptr<sqlite3_stmt, Finalizer> statement_;
  class SqliteDatabase* database_ = nullptr;
};

class SqliteDatabase {
 public:
  static absl::StatusOr<std::unique_ptr<SqliteDatabase>> OpenReadOnly(const std::string& path, std::string party,
                                                                      std::chrono::milliseconds busy_timeout);
  ~SqliteDatabase();
  SqliteDatabase(const SqliteDatabase&) = delete;
  SqliteDatabase& operator=(const SqliteDatabase&) = delete;

  absl::StatusOr<SqliteStatement> Prepare(std::string_view sql);
  absl::Status Execute(std::string_view sql);

  // Statements fail with DeadlineExceeded once this is past.
  void SetDeadline(std::chrono::steady_clock::time_point deadline) { deadline_ = deadline; }
  void Interrupt();        // From any thread; sticks until ClearInterrupt.
  void ClearInterrupt() { interrupted_ = false; }

  sqlite3* handle() const { return handle_; }
  // What a result code of SQLite means to the one who asked.
  absl::Status StatusOf(int code) const;

 private:
  SqliteDatabase(sqlite3* handle, std::string party) : handle_(handle), party_(std::move(party)) {}
  static int OnProgress(void* self);

  sqlite3* handle_;
  std::string party_;
  std::atomic<bool> interrupted_{false};
  std::chrono::steady_clock::time_point deadline_ = std::chrono::steady_clock::time_point::max();
};

}  // namespace care::connectors
