// A real standby withdraws the snapshot that the connector reads: its primary deletes rows and vacuums them
// away, and the standby, which may not wait, replays that. The error is the one after which a query reads
// again from the start (Aborted, before anything was shared), whether it hits in mid-statement or between two
// statements, and the next snapshot reads what the primary has now.

#include <thread>

#include "connectors/postgresql/postgresql_connector.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/connectors/postgresql_server.h"
#include "tests/connectors/test_database.h"

namespace care::connectors {
namespace {

using testing::HasSubstr;

constexpr auto kLook = std::chrono::milliseconds(5);
constexpr int kMostLooks = 6000;

class PostgresqlStandby : public testing::Test {
 protected:
  PostgresqlStandby() {
    auto primary = engine::TemporaryPostgres::Start(
        {.settings = {"wal_level=replica", "max_wal_senders=4", "autovacuum=off"}});
    EXPECT_TRUE(primary.ok()) << primary.status();
    primary_ = *std::move(primary);
    owner_ = std::make_unique<OwnerSession>(UrlOf(*primary_));
    owner_->Execute(
        "CREATE SCHEMA care; SET search_path = care; CREATE TABLE t (id bigint NOT NULL, v bigint); "
        "INSERT INTO t SELECT i, i % 7 FROM generate_series(1, 100) AS i; "
        "CREATE FUNCTION nap() RETURNS bigint LANGUAGE sql VOLATILE AS 'SELECT 0::bigint FROM "
        "pg_sleep(0.2)'");
    auto standby = engine::TemporaryPostgres::Start(
        {.settings = {"wal_level=replica", "max_wal_senders=4", "max_standby_streaming_delay=0"},
         .standby_of = primary_->directory()});
    EXPECT_TRUE(standby.ok()) << standby.status();
    standby_ = *std::move(standby);
    watch_ = std::make_unique<OwnerSession>(UrlOf(*standby_));
    EXPECT_EQ(watch_->Ask("SELECT pg_is_in_recovery()"), "t");

    catalog_.parties = {{"hospital", ""}};
    catalog_.tables = {DeclaredTable("t", {Declared("id", kBigIntType, false), Declared("v", kBigIntType)})};
    config_.database_url = UrlOf(*standby_);
    config_.tables["t"].table = "care.t";
    columns_.resize(2);
    for (planner::ColumnInfo& column : columns_) {
      column.type = kBigIntType;
      column.table = 0;
    }
  }

  std::unique_ptr<PostgresqlConnector> Open() {
    auto connector = PostgresqlConnector::Open(catalog_, 0, config_, columns_, {});
    EXPECT_TRUE(connector.ok()) << connector.status();
    const absl::Status begun = (*connector)->BeginSnapshot();
    EXPECT_TRUE(begun.ok()) << begun;
    return *std::move(connector);
  }
  static planner::LogicalPtr Scan() { return Node(planner::ScanNode{0, {{0, 0}, {1, 1}}}); }

  // Rows that a snapshot of the standby still sees go for good.
  void DeleteAndVacuum(int up_to) {
    owner_->Execute("DELETE FROM t WHERE id <= " + std::to_string(up_to));
    owner_->Execute("VACUUM t");
  }
  void Await(const std::string& question, const std::string& answer) {
    for (int looks = 0; looks < kMostLooks; ++looks) {
      if (watch_->Ask(question) == answer) return;
      std::this_thread::sleep_for(kLook);
    }
    ADD_FAILURE() << "never " << answer << ": " << question;
  }
  // The whole is read again, as after Aborted a query does.
  void ReadsAgain(PostgresqlConnector& connector, std::size_t rows) {
    EXPECT_TRUE(connector.EndSnapshot().ok());
    // What the standby has yet to replay could withdraw the next snapshot as well.
    Await("SELECT pg_last_wal_replay_lsn() >= '" + owner_->Ask("SELECT pg_current_wal_lsn()") + "'", "t");
    Await("SELECT count(*) FROM care.t", std::to_string(rows));
    // As often as a query does: a signal of the first conflict may still be on its way to the session.
    absl::StatusOr<ColumnBatch> batch = absl::AbortedError("not read yet");
    for (int snapshot = 0; snapshot < 3 && absl::IsAborted(batch.status()); ++snapshot) {
      if (snapshot > 0) {
        EXPECT_TRUE(connector.EndSnapshot().ok());
      }
      const absl::Status begun = connector.BeginSnapshot();
      ASSERT_TRUE(begun.ok()) << begun;
      batch = connector.Run(*Scan());
    }
    ASSERT_TRUE(batch.ok()) << batch.status();
    EXPECT_EQ(batch->rows, rows);
    EXPECT_TRUE(connector.EndSnapshot().ok());
  }

  std::unique_ptr<engine::TemporaryPostgres> primary_, standby_;
  std::unique_ptr<OwnerSession> owner_, watch_;
  planner::Catalog catalog_;
  planner::NodeConfig config_;
  std::vector<planner::ColumnInfo> columns_;
};

TEST_F(PostgresqlStandby, WithdrawsASnapshotInMidStatement) {
  config_.tables["t"].sql = "SELECT id, v + CASE WHEN id > 50 THEN care.nap() ELSE 0 END AS v FROM care.t";
  config_.tables["t"].table.clear();
  auto connector = Open();
  std::thread conflict([&] {
    Await("SELECT count(*) FROM pg_stat_activity WHERE query LIKE 'COPY%' AND state = 'active'", "1");
    DeleteAndVacuum(95);
  });
  const absl::Status status = connector->Run(*Scan()).status();
  conflict.join();
  EXPECT_EQ(status.code(), absl::StatusCode::kAborted) << status;
  EXPECT_THAT(std::string(status.message()), HasSubstr("hospital's database withdrew the snapshot"));
  ReadsAgain(*connector, 5);
}

TEST_F(PostgresqlStandby, WithdrawsASnapshotBetweenTwoStatements) {
  auto connector = Open();
  ASSERT_EQ(connector->Run(*Scan())->rows, 100u);
  DeleteAndVacuum(60);
  Await("SELECT count(*) FROM pg_stat_activity WHERE application_name = 'care'", "0");
  const absl::Status status = connector->Run(*Scan()).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kAborted) << status;
  ReadsAgain(*connector, 40);
}

}  // namespace
}  // namespace care::connectors
