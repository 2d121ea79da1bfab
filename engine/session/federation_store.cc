#include "engine/session/federation_store.h"

#include <filesystem>

#include "absl/strings/str_cat.h"
#include "engine/session/sqlite_statement.h"
#include "engine/types/status_macros.h"

namespace care::engine {
namespace {

constexpr int kBusyTimeoutMs = 5000;

constexpr char kSchema[] = R"sql(
CREATE TABLE IF NOT EXISTS federation (
  version INTEGER PRIMARY KEY,
  digest TEXT NOT NULL UNIQUE,
  text TEXT NOT NULL,
  activates_at INTEGER NOT NULL,
  signatures TEXT NOT NULL
) STRICT;
CREATE TABLE IF NOT EXISTS signature (
  number INTEGER PRIMARY KEY,
  version INTEGER NOT NULL,
  party TEXT NOT NULL,
  signed_bytes TEXT NOT NULL,
  text TEXT NOT NULL,
  UNIQUE (version, party, signed_bytes)
) STRICT;
)sql";

}  // namespace

std::string FederationStore::PathIn(const std::string& data_directory) {
  return (std::filesystem::path(data_directory) / "federation.sqlite").string();
}

FederationStore::~FederationStore() { sqlite3_close(database_); }

absl::Status FederationStore::Failed(const char* what) {
  return absl::UnavailableError(
      absl::StrCat("the store of federation versions ", path_, " cannot be ", what, ": ", sqlite3_errmsg(database_)));
}

absl::Status FederationStore::Execute(const char* sql) {
  if (sqlite3_exec(database_, sql, nullptr, nullptr, nullptr) == SQLITE_OK) return absl::OkStatus();
  return Failed("written");
}

absl::StatusOr<std::unique_ptr<FederationStore>> FederationStore::Open(const std::string& data_directory) {
  std::error_code error;
  std::filesystem::create_directories(data_directory, error);
  if (error) {
    return absl::UnavailableError(absl::StrCat("cannot make the data directory ", data_directory, ": ", error.message()));
  }
  const std::string path = PathIn(data_directory);
  sqlite3* database = nullptr;
  const int opened = sqlite3_open_v2(path.c_str(), &database,
                                     SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_FULLMUTEX, nullptr);
  std::unique_ptr<FederationStore> store(new FederationStore(database, path));
  if (opened != SQLITE_OK) return store->Failed("opened");
  sqlite3_busy_timeout(database, kBusyTimeoutMs);
  // A rollback journal and not a write-ahead log: the node tells from the file's own time that it has changed.
  CARE_RETURN_IF_ERROR(store->Execute("PRAGMA journal_mode = DELETE"));
  CARE_RETURN_IF_ERROR(store->Execute("PRAGMA synchronous = EXTRA"));
  CARE_RETURN_IF_ERROR(store->Execute("PRAGMA cache_size = -512"));
  CARE_RETURN_IF_ERROR(store->Execute(kSchema));
  return store;
}

absl::StatusOr<std::vector<StoredVersion>> FederationStore::Versions() {
  const SqliteStatement select = PrepareStatement(
      database_, "SELECT version, digest, text, activates_at, signatures FROM federation ORDER BY version");
  if (select == nullptr) return Failed("read");
  std::vector<StoredVersion> versions;
  int result;
  while ((result = sqlite3_step(select.get())) == SQLITE_ROW) {
    StoredVersion& version = versions.emplace_back();
    version.version = static_cast<std::uint32_t>(sqlite3_column_int64(select.get(), 0));
    version.digest = ColumnText(select.get(), 1);
    version.text = ColumnText(select.get(), 2);
    version.activates_at = sqlite3_column_int64(select.get(), 3);
    version.signatures = ColumnText(select.get(), 4);
  }
  if (result != SQLITE_DONE) return Failed("read");
  return versions;
}

absl::Status FederationStore::Insert(const StoredVersion& version) {
  const SqliteStatement insert =
      PrepareStatement(database_, "INSERT INTO federation VALUES (?1, ?2, ?3, ?4, ?5)");
  if (insert == nullptr) return Failed("written");
  sqlite3_bind_int64(insert.get(), 1, version.version);
  BindText(insert.get(), 2, version.digest);
  BindText(insert.get(), 3, version.text);
  sqlite3_bind_int64(insert.get(), 4, version.activates_at);
  BindText(insert.get(), 5, version.signatures);
  return sqlite3_step(insert.get()) == SQLITE_DONE ? absl::OkStatus() : Failed("written");
}

absl::Status FederationStore::InTransaction(const std::function<absl::Status()>& change) {
  CARE_RETURN_IF_ERROR(Execute("BEGIN IMMEDIATE"));
  absl::Status changed = change();
  if (changed.ok()) changed = Execute("COMMIT");
  if (!changed.ok()) sqlite3_exec(database_, "ROLLBACK", nullptr, nullptr, nullptr);
  return changed;
}

absl::StatusOr<std::vector<SeenSignature>> FederationStore::Signatures(std::uint32_t version) {
  const SqliteStatement select = PrepareStatement(
      database_, "SELECT version, party, signed_bytes, text FROM signature WHERE version = ?1 ORDER BY number");
  if (select == nullptr) return Failed("read");
  sqlite3_bind_int64(select.get(), 1, version);
  std::vector<SeenSignature> seen;
  int result;
  while ((result = sqlite3_step(select.get())) == SQLITE_ROW) {
    seen.push_back({static_cast<std::uint32_t>(sqlite3_column_int64(select.get(), 0)), ColumnText(select.get(), 1),
                    ColumnText(select.get(), 2), ColumnText(select.get(), 3)});
  }
  if (result != SQLITE_DONE) return Failed("read");
  return seen;
}

absl::Status FederationStore::Remember(const SeenSignature& signature) {
  const SqliteStatement insert = PrepareStatement(
      database_,
      "INSERT OR IGNORE INTO signature (version, party, signed_bytes, text) VALUES (?1, ?2, ?3, ?4)");
  if (insert == nullptr) return Failed("written");
  sqlite3_bind_int64(insert.get(), 1, signature.version);
  BindText(insert.get(), 2, signature.party);
  BindText(insert.get(), 3, signature.signed_bytes);
  BindText(insert.get(), 4, signature.text);
  return sqlite3_step(insert.get()) == SQLITE_DONE ? absl::OkStatus() : Failed("written");
}

absl::Status FederationStore::Replace(const SeenSignature& signature) {
  return InTransaction([&]() -> absl::Status {
    const SqliteStatement remove =
        PrepareStatement(database_, "DELETE FROM signature WHERE version = ?1 AND party = ?2");
    if (remove == nullptr) return Failed("written");
    sqlite3_bind_int64(remove.get(), 1, signature.version);
    BindText(remove.get(), 2, signature.party);
    if (sqlite3_step(remove.get()) != SQLITE_DONE) return Failed("written");
    return Remember(signature);
  });
}

absl::Status FederationStore::Install(const StoredVersion& in_force, const StoredVersion& next) {
  return InTransaction([&]() -> absl::Status {
    // Read again under the lock: two administrators may activate at once.
    CARE_ASSIGN_OR_RETURN(const std::vector<StoredVersion> stored, Versions());
    bool known = false;
    for (const StoredVersion& version : stored) {
      known = known || version.digest == in_force.digest;
      if (version.version >= next.version) {
        return absl::AlreadyExistsError(
            absl::StrCat("this node already holds version ", version.version, " of the federation, in force from ",
                         FormatInstant(version.activates_at)));
      }
    }
    if (!known) CARE_RETURN_IF_ERROR(Insert(in_force));
    return Insert(next);
  });
}

absl::Status FederationStore::Withdraw(std::uint32_t version, UnixSeconds now) {
  const SqliteStatement remove =
      PrepareStatement(database_, "DELETE FROM federation WHERE version = ?1 AND activates_at > ?2");
  if (remove == nullptr) return Failed("written");
  sqlite3_bind_int64(remove.get(), 1, version);
  sqlite3_bind_int64(remove.get(), 2, now);
  if (sqlite3_step(remove.get()) != SQLITE_DONE) return Failed("written");
  if (sqlite3_changes(database_) == 0) {
    return absl::FailedPreconditionError(
        absl::StrCat("version ", version, " is not waiting: it is in force, or this node does not hold it"));
  }
  return absl::OkStatus();
}

}  // namespace care::engine
