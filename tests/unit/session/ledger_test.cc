// The ledger keeps what it was told, in a chain that shows tampering, and says so when it cannot write.

#include "engine/session/ledger.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sqlite3.h>

#include <filesystem>

#include "absl/strings/str_cat.h"
#include "tests/unit/net/temporary_certificates.h"

namespace care::engine {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

LedgerEntry Entry(int number) {
  LedgerEntry entry;
  entry.session_id = absl::StrCat("session-", number);
  entry.time = "2026-01-02T03:04:05Z";
  entry.recipient = "hospital";
  entry.purpose = "test";
  entry.sql = "SELECT COUNT(*) FROM hospital.patients";
  entry.plan_inputs = "recipient=0\n";
  entry.disclosure_digest = "aa";
  entry.execution_digest = "bb";
  entry.threshold = 10;
  entry.disclosures = "[]";
  entry.signatures = "{}";
  return entry;
}

int Tamper(const std::string& directory, const std::string& sql) {
  sqlite3* database = nullptr;
  sqlite3_open((std::filesystem::path(directory) / "ledger.sqlite").c_str(), &database);
  const int result = sqlite3_exec(database, sql.c_str(), nullptr, nullptr, nullptr);
  sqlite3_close(database);
  return result;
}

class LedgerTest : public ::testing::Test {
 protected:
  mpc::TemporaryDirectory directory_;
  const std::string path_ = directory_.File("state");
};

TEST_F(LedgerTest, KeepsEntriesInAChain) {
  std::string first_hash;
  {
    auto ledger = Ledger::Open(path_).value();
    first_hash = ledger->Append(Entry(1)).value();
  }
  auto ledger = Ledger::Open(path_).value();
  const std::string second_hash = ledger->Append(Entry(2)).value();
  const auto entries = ledger->Entries().value();
  ASSERT_EQ(entries.size(), 2u);
  EXPECT_EQ(entries[0].hash, first_hash);
  EXPECT_EQ(entries[1].previous_hash, first_hash);
  EXPECT_EQ(entries[1].hash, second_hash);
  EXPECT_EQ(entries[1].entry.sql, Entry(2).sql);
  EXPECT_EQ(entries[1].entry.threshold, 10u);
  EXPECT_TRUE(ledger->Verify().ok());
}

// What another process reads right after Append is what a crash would leave: nothing waits in this one.
TEST_F(LedgerTest, AnEntryIsDurableWhenAppendReturns) {
  auto ledger = Ledger::Open(path_).value();
  ASSERT_TRUE(ledger->Append(Entry(1)).ok());
  std::filesystem::copy(path_, directory_.File("copy"));
  auto copy = Ledger::Open(directory_.File("copy")).value();
  EXPECT_EQ(copy->Entries().value().size(), 1u);
  sqlite3* database = nullptr;
  sqlite3_open((std::filesystem::path(path_) / "ledger.sqlite").c_str(), &database);
  sqlite3_close(database);
}

TEST_F(LedgerTest, RefusesChangesAndShowsThoseMadeByForce) {
  auto ledger = Ledger::Open(path_).value();
  for (int i = 1; i <= 3; ++i) ASSERT_TRUE(ledger->Append(Entry(i)).ok());
  EXPECT_NE(Tamper(path_, "UPDATE ledger SET threshold = 1 WHERE sequence = 2"), SQLITE_OK);
  EXPECT_NE(Tamper(path_, "DELETE FROM ledger WHERE sequence = 3"), SQLITE_OK);
  EXPECT_TRUE(ledger->Verify().ok());
  ASSERT_EQ(Tamper(path_, "DROP TRIGGER ledger_keeps_values; UPDATE ledger SET threshold = 1 WHERE sequence = 2"),
            SQLITE_OK);
  const absl::Status status = ledger->Verify();
  EXPECT_EQ(status.code(), absl::StatusCode::kDataLoss);
  EXPECT_THAT(std::string(status.message()), HasSubstr("entry 2"));
}

TEST_F(LedgerTest, ShowsARemovedEntry) {
  auto ledger = Ledger::Open(path_).value();
  for (int i = 1; i <= 3; ++i) ASSERT_TRUE(ledger->Append(Entry(i)).ok());
  ASSERT_EQ(Tamper(path_, "DROP TRIGGER ledger_keeps_rows; DELETE FROM ledger WHERE sequence = 2"), SQLITE_OK);
  EXPECT_EQ(ledger->Verify().code(), absl::StatusCode::kDataLoss);
}

TEST_F(LedgerTest, AFullDiskIsAnErrorWithARemedy) {
  auto ledger = Ledger::Open(path_).value();
  ASSERT_TRUE(ledger->Append(Entry(0)).ok());
  ledger->LimitPages(8);
  absl::Status status;
  int written = 1;
  for (int i = 1; i < 1000 && status.ok(); ++i) {
    LedgerEntry entry = Entry(i);
    entry.sql = std::string(3000, 'x');
    status = ledger->Append(entry).status();
    if (status.ok()) ++written;
  }
  EXPECT_EQ(status.code(), absl::StatusCode::kResourceExhausted);
  EXPECT_THAT(std::string(status.message()),
              AllOf(HasSubstr("the ledger cannot be written"), HasSubstr("full"), HasSubstr("free space in")));
  // It goes on once there is space.
  ledger->LimitPages(100000);
  EXPECT_TRUE(ledger->Append(Entry(5000)).ok());
  EXPECT_EQ(ledger->Entries().value().size(), static_cast<std::size_t>(written) + 1);
  EXPECT_TRUE(ledger->Verify().ok());
}

TEST_F(LedgerTest, ADirectoryThatCannotBe) {
  directory_.Write("state", "a file");
  EXPECT_FALSE(Ledger::Open(path_).ok());
}

}  // namespace
}  // namespace care::engine
