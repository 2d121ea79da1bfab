#include "connectors/sqlite/database.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "engine/types/status_macros.h"

namespace care::connectors {
namespace {

// Virtual-machine instructions between two looks at the clock: well under a millisecond of work.
constexpr int kInstructionsPerProgress = 10'000;

}  // namespace

absl::StatusOr<bool> SqliteStatement::Step() {
  const int code = sqlite3_step(statement_.get());
  if (code == SQLITE_ROW) return true;
  if (code == SQLITE_DONE) return false;
  return database_->StatusOf(code);
}

absl::StatusOr<std::unique_ptr<SqliteDatabase>> SqliteDatabase::OpenReadOnly(
    const std::string& path, std::string party, std::chrono::milliseconds busy_timeout) {
  sqlite3* handle = nullptr;
  const int code = sqlite3_open_v2(path.c_str(), &handle, SQLITE_OPEN_READONLY | SQLITE_OPEN_NOMUTEX, nullptr);
  std::unique_ptr<SqliteDatabase> database(new SqliteDatabase(handle, std::move(party)));
  if (code != SQLITE_OK) return database->StatusOf(code);
  sqlite3_busy_timeout(handle, static_cast<int>(busy_timeout.count()));
  // A misspelled "column" must be an error, not a string.
  sqlite3_db_config(handle, SQLITE_DBCONFIG_DQS_DML, 0, nullptr);
  sqlite3_db_config(handle, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, nullptr);
  sqlite3_progress_handler(handle, kInstructionsPerProgress, &SqliteDatabase::OnProgress, database.get());
  CARE_RETURN_IF_ERROR(database->Execute("PRAGMA temp_store = MEMORY"));
  CARE_RETURN_IF_ERROR(database->Execute("PRAGMA mmap_size = 1073741824"));
  // SQLite reads nothing until asked: find out now that the file is no database.
  CARE_RETURN_IF_ERROR(database->Execute("SELECT COUNT(*) FROM sqlite_schema"));
  return database;
}

SqliteDatabase::~SqliteDatabase() { sqlite3_close_v2(handle_); }

absl::StatusOr<SqliteStatement> SqliteDatabase::Prepare(std::string_view sql) {
  // A short statement would end before the progress handler is asked.
  if (interrupted_) return StatusOf(SQLITE_INTERRUPT);
  sqlite3_stmt* statement = nullptr;
  const int code = sqlite3_prepare_v2(handle_, sql.data(), static_cast<int>(sql.size()), &statement, nullptr);
  if (code != SQLITE_OK) return StatusOf(code);
  SqliteStatement result;
  result.statement_.reset(statement);
  result.database_ = this;
  return result;
}

absl::Status SqliteDatabase::Execute(std::string_view sql) {
  CARE_ASSIGN_OR_RETURN(SqliteStatement statement, Prepare(sql));
  for (bool more = true; more;) {
    CARE_ASSIGN_OR_RETURN(more, statement.Step());
  }
  return absl::OkStatus();
}

void SqliteDatabase::Interrupt() {
  interrupted_ = true;
  sqlite3_interrupt(handle_);
}

int SqliteDatabase::OnProgress(void* self) {
  const auto* database = static_cast<const SqliteDatabase*>(self);
  return database->interrupted_ || std::chrono::steady_clock::now() > database->deadline_ ? 1 : 0;
}

absl::Status SqliteDatabase::StatusOf(int code) const {
  switch (code & 0xff) {
    case SQLITE_OK:
    case SQLITE_ROW:
    case SQLITE_DONE:
      return absl::OkStatus();
    case SQLITE_INTERRUPT:
      if (interrupted_) return absl::CancelledError(absl::StrCat(party_, ": the query was cancelled"));
      return absl::DeadlineExceededError(
          absl::StrCat(party_, ": its database took longer than its statement timeout; narrow the query, or let ",
                       party_, " add an index"));
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      return absl::UnavailableError(
          absl::StrCat(party_, ": its database is locked by a writer; try again when that is done"));
    case SQLITE_CANTOPEN:
    case SQLITE_PERM:
    case SQLITE_AUTH:
      return absl::UnavailableError(
          absl::StrCat(party_, ": its database cannot be opened; ", party_,
                       " should check path under [database] in its node file, and who may read that file"));
    case SQLITE_NOTADB:
    case SQLITE_CORRUPT:
      return absl::FailedPreconditionError(
          absl::StrCat(party_, ": the file under [database] in its node file is not a sound SQLite database"));
    case SQLITE_NOMEM:
      return absl::ResourceExhaustedError(absl::StrCat(party_, ": its database ran out of memory"));
    case SQLITE_TOOBIG:
      return absl::ResourceExhaustedError(absl::StrCat(party_, ": a value or statement is too large"));
    case SQLITE_IOERR:
    case SQLITE_FULL:
      return absl::UnavailableError(absl::StrCat(party_, ": its database could not be read (disk error)"));
    default:
      return absl::InternalError(
          absl::StrCat(party_, ": its database refused a statement (SQLite result code ", code, ")"));
  }
}

}  // namespace care::connectors
