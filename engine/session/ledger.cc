#include "engine/session/ledger.h"

#include <openssl/sha.h>

#include <filesystem>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "engine/session/sqlite_statement.h"
#include "engine/types/status_macros.h"

namespace care::engine {
namespace {

constexpr int kBusyTimeoutMs = 5000;
constexpr std::uintmax_t kLeastFree = 1 << 20;  // bytes: room for an entry or two

// Updates and deletions are refused by the database itself, so that no mistake of ours can make one.
constexpr char kSchema[] = R"sql(
CREATE TABLE IF NOT EXISTS ledger (
  sequence INTEGER PRIMARY KEY,
  session_id TEXT NOT NULL UNIQUE,
  time TEXT NOT NULL,
  recipient TEXT NOT NULL,
  purpose TEXT NOT NULL,
  sql TEXT NOT NULL,
  plan_inputs TEXT NOT NULL,
  disclosure_digest TEXT NOT NULL,
  execution_digest TEXT NOT NULL,
  threshold INTEGER NOT NULL,
  disclosures TEXT NOT NULL,
  signatures TEXT NOT NULL,
  previous_hash TEXT NOT NULL,
  hash TEXT NOT NULL
) STRICT;
CREATE TRIGGER IF NOT EXISTS ledger_keeps_rows BEFORE DELETE ON ledger
  BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END;
CREATE TRIGGER IF NOT EXISTS ledger_keeps_values BEFORE UPDATE ON ledger
  BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END;
)sql";

std::vector<std::string> Fields(const LedgerEntry& entry) {
  return {entry.session_id,        entry.time,
          entry.recipient,         entry.purpose,
          entry.sql,               entry.plan_inputs,
          entry.disclosure_digest, entry.execution_digest,
          absl::StrCat(entry.threshold), entry.disclosures,
          entry.signatures};
}

std::string Hash(std::int64_t sequence, const LedgerEntry& entry, const std::string& previous_hash) {
  std::string bytes = absl::StrCat("care/ledger\n", sequence, "\n", previous_hash, "\n");
  for (const std::string& field : Fields(entry)) absl::StrAppend(&bytes, field.size(), ":", field, "\n");
  unsigned char digest[SHA256_DIGEST_LENGTH];
  SHA256(reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size(), digest);
  return absl::BytesToHexString(std::string(reinterpret_cast<char*>(digest), sizeof(digest)));
}

std::string FirstHash() { return std::string(2 * SHA256_DIGEST_LENGTH, '0'); }

}  // namespace

Ledger::Ledger(sqlite3* database, std::string data_directory)
    : database_(database), data_directory_(std::move(data_directory)) {}

Ledger::~Ledger() { sqlite3_close(database_); }

absl::Status Ledger::CannotWrite(const char* why) {
  return absl::ResourceExhaustedError(
      absl::StrCat("the ledger cannot be written: ", why, "; free space in ", data_directory_,
                   " or make it writable. Nothing was released"));
}

absl::Status Ledger::Execute(const char* sql) {
  if (sqlite3_exec(database_, sql, nullptr, nullptr, nullptr) != SQLITE_OK) {
    return CannotWrite(sqlite3_errmsg(database_));
  }
  return absl::OkStatus();
}

absl::StatusOr<std::unique_ptr<Ledger>> Ledger::Open(const std::string& data_directory) {
  std::error_code error;
  std::filesystem::create_directories(data_directory, error);
  if (error) {
    return absl::FailedPreconditionError(
        absl::StrCat("the data directory ", data_directory, " cannot be created: ", error.message()));
  }
  const std::string path = (std::filesystem::path(data_directory) / "ledger.sqlite").string();
  sqlite3* database = nullptr;
  const int opened = sqlite3_open_v2(path.c_str(), &database,
                                     SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_FULLMUTEX, nullptr);
  std::unique_ptr<Ledger> ledger(new Ledger(database, data_directory));
  if (opened != SQLITE_OK) return ledger->CannotWrite(sqlite3_errstr(opened));
  sqlite3_busy_timeout(database, kBusyTimeoutMs);
  // In write-ahead mode FULL syncs at each commit: an entry survives a loss of power.
  CARE_RETURN_IF_ERROR(ledger->Execute("PRAGMA journal_mode = WAL"));
  CARE_RETURN_IF_ERROR(ledger->Execute("PRAGMA synchronous = FULL"));
  CARE_RETURN_IF_ERROR(ledger->Execute("PRAGMA cache_size = -512"));
  CARE_RETURN_IF_ERROR(ledger->Execute(kSchema));
  return ledger;
}

absl::StatusOr<std::unique_ptr<Ledger>> Ledger::OpenToRead(const std::string& data_directory) {
  const std::string path = (std::filesystem::path(data_directory) / "ledger.sqlite").string();
  std::error_code error;
  if (!std::filesystem::exists(path, error)) return absl::NotFoundError(absl::StrCat("there is no ledger ", path));
  sqlite3* database = nullptr;
  const int opened = sqlite3_open_v2(path.c_str(), &database, SQLITE_OPEN_READONLY | SQLITE_OPEN_FULLMUTEX, nullptr);
  std::unique_ptr<Ledger> ledger(new Ledger(database, data_directory));
  if (opened != SQLITE_OK) {
    return absl::UnavailableError(absl::StrCat("cannot read the ledger ", path, ": ", sqlite3_errstr(opened)));
  }
  sqlite3_busy_timeout(database, kBusyTimeoutMs);
  return ledger;
}

void Ledger::LimitPages(int pages) {
  sqlite3_exec(database_, absl::StrCat("PRAGMA max_page_count = ", pages).c_str(), nullptr, nullptr, nullptr);
}

absl::StatusOr<std::string> Ledger::Append(const LedgerEntry& entry) {
  std::lock_guard lock(mutex_);
  CARE_RETURN_IF_ERROR(Execute("BEGIN IMMEDIATE"));
  const auto undo = [this] { sqlite3_exec(database_, "ROLLBACK", nullptr, nullptr, nullptr); };
  std::string previous_hash = FirstHash();
  std::int64_t sequence = 1;
  SqliteStatement last = PrepareStatement(database_, "SELECT sequence, hash FROM ledger ORDER BY sequence DESC LIMIT 1");
  if (last == nullptr) {
    const absl::Status status = CannotWrite(sqlite3_errmsg(database_));
    undo();
    return status;
  }
  if (sqlite3_step(last.get()) == SQLITE_ROW) {
    sequence = sqlite3_column_int64(last.get(), 0) + 1;
    previous_hash = ColumnText(last.get(), 1);
  }
  last.reset();
  const std::string hash = Hash(sequence, entry, previous_hash);
  SqliteStatement insert = PrepareStatement(database_,
                             "INSERT INTO ledger VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14)");
  int result = SQLITE_ERROR;
  if (insert != nullptr) {
    sqlite3_bind_int64(insert.get(), 1, sequence);
    int position = 2;
    for (const std::string& field : Fields(entry)) {
      sqlite3_bind_text(insert.get(), position++, field.data(), static_cast<int>(field.size()), SQLITE_TRANSIENT);
    }
    sqlite3_bind_text(insert.get(), 13, previous_hash.data(), static_cast<int>(previous_hash.size()), SQLITE_TRANSIENT);
    sqlite3_bind_text(insert.get(), 14, hash.data(), static_cast<int>(hash.size()), SQLITE_TRANSIENT);
    result = sqlite3_step(insert.get());
  }
  if (result != SQLITE_DONE) {
    const absl::Status status = CannotWrite(sqlite3_errmsg(database_));
    insert.reset();
    undo();
    return status;
  }
  insert.reset();
  if (const absl::Status committed = Execute("COMMIT"); !committed.ok()) {
    undo();
    return committed;
  }
  return hash;
}

absl::Status Ledger::ForEach(const std::function<absl::Status(StoredLedgerEntry)>& take) {
  std::lock_guard lock(mutex_);
  SqliteStatement select = PrepareStatement(database_,
                             "SELECT sequence, session_id, time, recipient, purpose, sql, plan_inputs, "
                             "disclosure_digest, execution_digest, threshold, disclosures, signatures, "
                             "previous_hash, hash FROM ledger ORDER BY sequence");
  if (select == nullptr) return absl::DataLossError("the ledger cannot be read");
  int result;
  while ((result = sqlite3_step(select.get())) == SQLITE_ROW) {
    StoredLedgerEntry stored;
    stored.sequence = sqlite3_column_int64(select.get(), 0);
    LedgerEntry& entry = stored.entry;
    int column = 1;
    for (std::string* field : {&entry.session_id, &entry.time, &entry.recipient, &entry.purpose, &entry.sql,
                               &entry.plan_inputs, &entry.disclosure_digest, &entry.execution_digest}) {
      *field = ColumnText(select.get(), column++);
    }
    entry.threshold = static_cast<std::uint32_t>(sqlite3_column_int64(select.get(), column++));
    for (std::string* field : {&entry.disclosures, &entry.signatures, &stored.previous_hash, &stored.hash}) {
      *field = ColumnText(select.get(), column++);
    }
    CARE_RETURN_IF_ERROR(take(std::move(stored)));
  }
  if (result != SQLITE_DONE) return absl::DataLossError("the ledger cannot be read");
  return absl::OkStatus();
}

absl::StatusOr<std::vector<StoredLedgerEntry>> Ledger::Entries() {
  std::vector<StoredLedgerEntry> entries;
  CARE_RETURN_IF_ERROR(ForEach([&entries](StoredLedgerEntry stored) {
    entries.push_back(std::move(stored));
    return absl::OkStatus();
  }));
  return entries;
}

absl::StatusOr<std::uint64_t> Ledger::Size() {
  std::lock_guard lock(mutex_);
  const SqliteStatement count = PrepareStatement(database_, "SELECT COUNT(*) FROM ledger");
  if (count == nullptr || sqlite3_step(count.get()) != SQLITE_ROW) {
    return absl::DataLossError("the ledger cannot be read");
  }
  return static_cast<std::uint64_t>(sqlite3_column_int64(count.get(), 0));
}

absl::Status Ledger::CheckWritable() {
  std::error_code error;
  const std::filesystem::space_info space = std::filesystem::space(data_directory_, error);
  if (!error && space.available < kLeastFree) return CannotWrite("the disk is full");
  std::lock_guard lock(mutex_);
  CARE_RETURN_IF_ERROR(Execute("BEGIN IMMEDIATE"));
  return Execute("ROLLBACK");
}

absl::Status Ledger::Verify() {
  std::string previous_hash = FirstHash();
  std::int64_t sequence = 0;
  return ForEach([&](const StoredLedgerEntry& stored) -> absl::Status {
    ++sequence;
    if (stored.sequence != sequence || stored.previous_hash != previous_hash ||
        stored.hash != Hash(stored.sequence, stored.entry, stored.previous_hash)) {
      return absl::DataLossError(absl::StrCat("entry ", sequence, " of the ledger was changed, removed or inserted"));
    }
    previous_hash = stored.hash;
    return absl::OkStatus();
  });
}

}  // namespace care::engine
