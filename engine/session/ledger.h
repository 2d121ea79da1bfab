// engine/session/ledger.h
//
// What this party took part in releasing: an append-only table in the node's data directory, each entry bound
// to the one before by a hash. An entry is on disk before any share of a result opens, at every party; a crash
// between the two loses the answer, never the entry.
//
//   hash = SHA-256 over the previous entry's hash and every field, each with its length before it
//
// Whoever can write the file can rewrite the whole chain; the signatures in it and the other parties' ledgers,
// which hold the same query under the same session, are what shows it.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "absl/status/statusor.h"

struct sqlite3;

namespace care::engine {

struct LedgerEntry {
  std::string session_id;
  std::string time;  // UTC, "2026-11-23T22:10:44Z"
  std::string recipient;
  std::string purpose;
  std::string sql;
  std::string plan_inputs;
  std::string disclosure_digest;
  std::string execution_digest;
  std::uint32_t threshold = 0;
  std::string disclosures;  // JSON: the leakage report
  std::string signatures;   // JSON: the proposal's and every party's verdict's
};

struct StoredLedgerEntry {
  std::int64_t sequence = 0;
  LedgerEntry entry;
  std::string previous_hash;  // hex; 64 zeros for the first
  std::string hash;           // hex
};

class Ledger {
 public:
  // Opens or creates ledger.sqlite in the directory, which is created if need be.
  static absl::StatusOr<std::unique_ptr<Ledger>> Open(const std::string& data_directory);
  // Opens one that exists, for reading; also beside a running node. NotFound if there is none yet.
  static absl::StatusOr<std::unique_ptr<Ledger>> OpenToRead(const std::string& data_directory);
  ~Ledger();

  // Durable when it returns; returns the entry's hash. ResourceExhausted if the entry cannot be written.
  absl::StatusOr<std::string> Append(const LedgerEntry& entry);

  absl::StatusOr<std::vector<StoredLedgerEntry>> Entries();
  absl::StatusOr<std::uint64_t> Size();  // how many entries
  // Whether an entry could be written now. Writes nothing.
  absl::Status CheckWritable();
  // DataLoss that names the first entry that does not fit the chain.
  absl::Status Verify();

  // For tests: the file may grow to this many pages and no further, as on a full disk.
  void LimitPages(int pages);

 private:
  Ledger(sqlite3* database, std::string data_directory);
  absl::Status Execute(const char* sql);
  absl::Status CannotWrite(const char* why);
  absl::Status ForEach(const std::function<absl::Status(StoredLedgerEntry)>& take);

  sqlite3* database_;
  const std::string data_directory_;
  std::mutex mutex_;
};

}  // namespace care::engine
