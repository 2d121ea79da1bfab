// A table whose rows do not count as they are: the connector brings them raw, of every type, in storage order, and
// what is left after cleaning is the same table whatever a query reads of it.

#include "connectors/postgresql/postgresql_connector.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/connectors/postgresql_server.h"
#include "tests/connectors/test_database.h"

namespace care::connectors {
namespace {

using testing::HasSubstr;

class PostgresqlCleaning : public testing::Test {
 protected:
  PostgresqlCleaning() : owner_(UrlOf(SharedServer())) {
    owner_.Execute("DROP SCHEMA IF EXISTS messy CASCADE; CREATE SCHEMA messy; SET search_path = messy");
    catalog_.parties = {{"hospital", ""}};
    catalog_.time_zone = "Europe/Amsterdam";
    catalog_.tables = {DeclaredTable("t", {Declared("id", kBigIntType, false), Declared("day", kDateType),
                                           Declared("word", kTextType), Declared("amount", {TypeKind::kNumeric, 8, 2})})};
    catalog_.tables[0].subject_column = 0;
    config_.database_url = UrlOf(SharedServer());
    config_.tables["t"].table = "messy.t";
  }

  absl::StatusOr<ColumnBatch> Read() {
    std::vector<planner::ColumnInfo> columns;
    planner::ScanNode scan{0, {}};
    for (int i = 0; i < 4; ++i) {
      const planner::CatalogColumn& declared = catalog_.tables[0].columns[static_cast<std::size_t>(i)];
      columns.push_back({declared.name, declared.type, declared.nullable, 0, i});
      scan.columns.push_back({static_cast<planner::ColumnId>(i), i});
    }
    auto connector = PostgresqlConnector::Open(catalog_, 0, config_, columns);
    if (!connector.ok()) return connector.status();
    const absl::Status begun = (*connector)->BeginSnapshot();
    if (!begun.ok()) return begun;
    EXPECT_TRUE((*connector)->Supports(*Node(scan)));
    EXPECT_FALSE((*connector)->Supports(*Node(planner::DistinctNode{Node(scan)})));
    return (*connector)->Run(*Node(scan));
  }

  OwnerSession owner_;
  planner::Catalog catalog_;
  planner::NodeConfig config_;
};

TEST_F(PostgresqlCleaning, OfRowsThatShareAKeyTheFirstInStorageStays) {
  owner_.Execute("CREATE TABLE t (id integer, day timestamptz, word char(6), amount numeric); INSERT INTO t VALUES "
                 "(2, '2020-12-31 23:30Z', ' b ', 1.5), (1, NULL, 'a', -0.01), (2, '2019-01-01', 'c', 2), (3, NULL, NULL, NULL)");
  catalog_.tables[0].unique_keys = {{0}};
  config_.tables["t"].on_duplicate = planner::OnDuplicate::kFirst;
  config_.tables["t"].columns["word"] = {.column = "word", .trim = true};
  const auto batch = Read();
  ASSERT_TRUE(batch.ok()) << batch.status();
  EXPECT_EQ(RowTexts(*batch), (std::vector<std::string>{"'2' '2021-01-01' 'b' '1.50' ", "'1' NULL 'a' '-0.01' ",
                                                        "'3' NULL NULL NULL "}));
}

TEST_F(PostgresqlCleaning, CellsThatBreakARuleBecomeNullOrTakeTheirRowAlong) {
  owner_.Execute("CREATE TABLE t (id bigint, day date, word text, amount numeric); INSERT INTO t VALUES "
                 "(1, 'infinity', 'x', 'NaN'), (2, '2020-02-29', 'y', 7.123), (NULL, NULL, 'z', 1)");
  config_.tables["t"].columns["id"] = {.column = "id", .on_violation = planner::OnViolation::kDrop};
  config_.tables["t"].columns["day"] = {.column = "day", .on_violation = planner::OnViolation::kNull};
  config_.tables["t"].columns["amount"] = {.column = "amount", .on_violation = planner::OnViolation::kNull};
  const auto batch = Read();
  ASSERT_TRUE(batch.ok()) << batch.status();
  EXPECT_EQ(RowTexts(*batch), (std::vector<std::string>{"'1' NULL 'x' NULL ", "'2' '2020-02-29' 'y' NULL "}));
}

TEST_F(PostgresqlCleaning, AColumnOfATypeThatNoCellCanBeReadFromIsNotTakenForNulls) {
  for (const char* type : {"double precision", "real", "jsonb", "bytea"}) {
    owner_.Execute(absl::StrCat("DROP TABLE IF EXISTS t; CREATE TABLE t (id bigint, day date, word text, amount ", type,
                                ", at double precision); INSERT INTO t VALUES (1, NULL, 'x', NULL, 2.5)"));
    config_.tables["t"].columns["amount"] = {.column = "amount", .on_violation = planner::OnViolation::kNull};
    EXPECT_THAT(std::string(Read().status().message()), HasSubstr("hospital.t.amount: it ")) << type;
  }
  // A column that only the order needs may be of any number.
  owner_.Execute("ALTER TABLE t ALTER amount TYPE numeric USING NULL");
  catalog_.tables[0].unique_keys = {{0}};
  config_.tables["t"].on_duplicate = planner::OnDuplicate::kFirst;
  config_.tables["t"].order_by = "at";
  EXPECT_TRUE(Read().ok()) << Read().status();
}

TEST_F(PostgresqlCleaning, MergedPersonsAndReversals) {
  owner_.Execute("CREATE TABLE t (id bigint, day date, word text, amount numeric(8,2), n integer, back integer); "
                 "CREATE TABLE moved (gone bigint, now bigint); INSERT INTO moved VALUES (1, 9); INSERT INTO t VALUES "
                 "(1, NULL, 'stays', 1, 1, NULL), (2, NULL, 'taken back', 2, 2, NULL), (2, NULL, 'reversal', -2, 3, 2)");
  config_.tables["t"].merged = planner::MergeMapping{"messy.moved", "gone", "now"};
  config_.tables["t"].reversal = planner::ReversalMapping{"n", "back"};
  const auto batch = Read();
  ASSERT_TRUE(batch.ok()) << batch.status();
  EXPECT_EQ(RowTexts(*batch), std::vector<std::string>{"'9' NULL 'stays' '1.00' "});
  config_.tables["t"].merged->from = "nowhere";
  EXPECT_THAT(std::string(Read().status().message()), HasSubstr("correct [tables.t.merged]"));
  config_.tables["t"].merged.reset();
  config_.tables["t"].reversal->id = "nn";
  EXPECT_THAT(std::string(Read().status().message()), HasSubstr("no column 'nn' (the nearest name there is 'n')"));
}

}  // namespace
}  // namespace care::connectors
