// What an owner's connector refuses: cells that break a declared rule, whether they are fetched or only
// aggregated in the database; too many rows; duplicates; tables and columns that are not there. An error names
// table, column, party and remedy, and never the cell.

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/unit/exec/local_fixture.h"

namespace care::engine {
namespace {

using testing::HasSubstr;
using testing::Not;

struct Broken {
  const char* row;  // for table one
  const char* message;
};

class LocalChecks : public testing::TestWithParam<Broken> {};

TEST_P(LocalChecks, FetchedOrAggregatedTheRuleHolds) {
  LocalDatabase database;
  database.catalog().tables[0].columns[LocalDatabase::kText].domain = {"a", "b"};
  database.Execute("INSERT INTO one VALUES (1, 1, 1, 1, '2020-02-29', 'a', 150)");
  database.Execute(std::string("INSERT INTO one VALUES ") + GetParam().row);
  planner::AggregateCall count;
  count.type = kBigIntType;
  planner::AggregateNode aggregate{database.ScanOne(), {}, {{database.AddColumn(kBigIntType), count}}};
  for (const planner::LogicalPtr& node : {database.ScanOne(), Node(aggregate)}) {
    auto connector = database.Connect();
    const auto batch = connector->Run(*node);
    ASSERT_FALSE(batch.ok());
    const std::string message(batch.status().message());
    EXPECT_THAT(message, HasSubstr(GetParam().message));
    EXPECT_THAT(message, HasSubstr("hospital should"));
    EXPECT_THAT(message, Not(HasSubstr("777")));
  }
}

INSTANTIATE_TEST_SUITE_P(
    Rules, LocalChecks,
    testing::Values(Broken{"(2, 777777, 1, 1, '2020-01-01', 'a', 1)", "hospital.one.big: a value is outside its declared range"},
                    Broken{"(2, 1, 777.5, 1, '2020-01-01', 'a', 1)", "hospital.one.small: a value is stored as a floating-point"},
                    Broken{"(2, 1, 1, 777, '2020-01-01', 'a', 1)", "hospital.one.flag: a value is not stored as 0 or 1"},
                    Broken{"(2, 1, 1, 1, '2023-02-29', 'a', 1)", "hospital.one.day: a value is not a date"},
                    Broken{"(2, 1, 1, 1, 777, 'a', 1)", "hospital.one.day: a value is not a date"},
                    Broken{"(2, 1, 1, 1, '2020-01-01', 'A', 1)", "hospital.one.txt: a value is outside its declared domain"},
                    Broken{"(2, 1, 1, 1, '2020-01-01', 'a', 777777777)", "hospital.one.amount: a value is outside its declared range"},
                    Broken{"(2, 'x777', 1, 1, '2020-01-01', 'a', 1)", "hospital.one.big: a value is not stored as its declared type"}));

TEST(LocalChecks, NullWhereNoneIsDeclared) {
  LocalDatabase database;
  database.Execute("INSERT INTO two VALUES (NULL, 3)");
  database.catalog().tables[1].columns[0].nullable = false;
  auto connector = database.Connect();
  EXPECT_THAT(std::string(connector->Run(*database.ScanTwo()).status().message()),
              HasSubstr("hospital.two.id: a value is NULL"));
}

TEST(LocalChecks, TextMustBeUtf8) {
  LocalDatabase database;
  database.Execute("INSERT INTO one VALUES (1, 1, 1, 1, NULL, CAST(X'61ff' AS TEXT), 1)");
  auto connector = database.Connect();
  EXPECT_THAT(std::string(connector->Run(*database.ScanOne()).status().message()), HasSubstr("not valid UTF-8"));
}

TEST(LocalChecks, MoreRowsThanTheBound) {
  LocalDatabase database;
  database.catalog().tables[1].row_bound = 2;
  database.Execute("INSERT INTO two VALUES (1, 1), (2, 2), (3, 3)");
  auto connector = database.Connect();
  const absl::Status status = connector->Run(*database.ScanTwo()).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kResourceExhausted);
  EXPECT_THAT(std::string(status.message()), HasSubstr("hospital.two: hospital has more rows than the declared row_bound of 2"));
}

TEST(LocalChecks, DeclaredKeysAndMultiplicities) {
  LocalDatabase database;
  database.Execute("INSERT INTO two VALUES (1, 1), (1, 2), (NULL, 3), (NULL, 4)");
  database.catalog().tables[1].unique_keys = {{0}};
  EXPECT_THAT(std::string(database.Connect()->Run(*database.ScanTwo()).status().message()),
              HasSubstr("two rows have the same (id)"));
  database.catalog().tables[1].unique_keys.clear();
  database.catalog().tables[1].subject_column = 0;
  database.catalog().tables[1].max_rows_per_subject = 1;
  EXPECT_THAT(std::string(database.Connect()->Run(*database.ScanTwo()).status().message()),
              HasSubstr("max_rows_per_subject of 1"));
  database.catalog().tables[1].max_rows_per_subject = 2;
  EXPECT_TRUE(database.Connect()->Run(*database.ScanTwo()).ok());
  database.Execute("INSERT INTO two VALUES (5, 1)");
  database.catalog().tables[1].subject_bound = 1;
  EXPECT_THAT(std::string(database.Connect()->Run(*database.ScanTwo()).status().message()),
              HasSubstr("subject_bound of 1"));
}

TEST(LocalChecks, MultiplicitiesHoldWhetherFetchedOrAggregated) {
  LocalDatabase database;
  database.Execute("INSERT INTO two VALUES (1, 1), (2, 1), (1, 2), (NULL, 3), (NULL, 4), (NULL, 5)");
  planner::AggregateCall sum;
  sum.function = planner::AggregateFunction::kSum;
  sum.argument = database.ColumnOf(LocalDatabase::kWeight);
  sum.type = kBigIntType;
  planner::CatalogTable& two = database.catalog().tables[1];
  two.subject_column = 0;
  const planner::LogicalPtr sums =
      Node(planner::AggregateNode{database.ScanTwo(), {}, {{database.AddColumn(kBigIntType), sum}}});
  for (const planner::LogicalPtr& node : {database.ScanTwo(), sums}) {
    two.max_rows_per_subject = 2;
    two.subject_bound = 2;
    EXPECT_TRUE(database.Connect()->Run(*node).ok());
    two.max_rows_per_subject = 1;
    EXPECT_THAT(std::string(database.Connect()->Run(*node).status().message()),
                HasSubstr("max_rows_per_subject of 1"));
    two.max_rows_per_subject = 2;
    two.subject_bound = 1;
    EXPECT_THAT(std::string(database.Connect()->Run(*node).status().message()), HasSubstr("subject_bound of 1"));
  }
}

TEST(LocalChecks, AFilterDoesNotHideWhatBreaksTheDeclaration) {
  LocalDatabase database;
  database.Execute("INSERT INTO two VALUES (1, 3), (NULL, 4)");
  const planner::LogicalPtr filtered = Node(planner::FilterNode{
      database.ScanTwo(),
      planner::MakeCall(planner::Function::kIsNotNull, {database.ColumnOf(LocalDatabase::kOther)}, kBooleanType)});
  const auto some = database.Connect()->Run(*filtered);
  ASSERT_TRUE(some.ok()) << some.status();
  EXPECT_EQ(RowTexts(*some), std::vector<std::string>{"'1' '3' "});
  EXPECT_THAT(*database.Connect()->SqlFor(*filtered), HasSubstr("WHERE"));

  database.catalog().tables[1].columns[0].nullable = false;
  EXPECT_THAT(std::string(database.Connect()->Run(*filtered).status().message()),
              HasSubstr("hospital.two.id: a value is NULL"));
  EXPECT_THAT(*database.Connect()->SqlFor(*filtered), Not(HasSubstr("WHERE")));
}

TEST(LocalChecks, MissingNamesComeWithTheNearest) {
  LocalDatabase database;
  database.config().tables["two"].table = "tow";
  database.config().tables["one"].columns["big"].column = "bigg";
  auto connector = database.Connect();
  EXPECT_TRUE(connector->Supports(*database.ScanTwo()));
  EXPECT_THAT(std::string(connector->Run(*database.ScanTwo()).status().message()), HasSubstr("no table 'tow' (the nearest name there is 'two')"));
  EXPECT_THAT(std::string(connector->Run(*database.ScanOne()).status().message()), HasSubstr("no column 'bigg' (the nearest name there is 'big')"));
}

TEST(LocalChecks, DecimalTextIsExactAndStaysOutOfArithmetic) {
  LocalDatabase database;
  database.config().tables["one"].columns.clear();
  database.config().tables["one"].sql = "SELECT id, big, small, flag, day, txt, CAST(cents AS TEXT) || '.5' AS amount FROM one";
  database.config().tables["one"].table.clear();
  database.Execute("INSERT INTO one VALUES (1, 1, 1, 1, NULL, 'a', 12)");
  auto connector = database.Connect();
  const auto batch = connector->Run(*database.ScanOne());
  ASSERT_TRUE(batch.ok()) << batch.status();
  EXPECT_EQ(batch->columns[LocalDatabase::kAmount].integers[0], 1250);
  planner::AggregateCall sum;
  sum.function = planner::AggregateFunction::kSum;
  sum.argument = database.ColumnOf(LocalDatabase::kAmount);
  sum.type = {TypeKind::kNumeric, 0, 2};
  const planner::LogicalPtr node =
      Node(planner::AggregateNode{database.ScanOne(), {}, {{database.AddColumn(sum.type), sum}}});
  EXPECT_FALSE(connector->Supports(*node));
  const auto total = RunFragment(*node, *connector, database.Columns());
  ASSERT_TRUE(total.ok()) << total.status();
  EXPECT_EQ(total->columns[0].integers[0], 1250);
}

TEST(LocalChecks, ASnapshotDoesNotSeeLaterRows) {
  LocalDatabase database;
  database.Execute("PRAGMA journal_mode = WAL");
  auto connector = database.Connect();
  database.Execute("INSERT INTO two VALUES (1, 1)");
  EXPECT_EQ(connector->Run(*database.ScanTwo())->rows, 0u);
  ASSERT_TRUE(connector->EndSnapshot().ok());
  ASSERT_TRUE(connector->BeginSnapshot().ok());
  EXPECT_EQ(connector->Run(*database.ScanTwo())->rows, 1u);
}

TEST(LocalChecks, InterruptAndTimeout) {
  LocalDatabase database;
  database.config().tables["two"].table.clear();
  database.config().tables["two"].sql =
      "WITH RECURSIVE n(id) AS (SELECT 1 UNION ALL SELECT id + 1 FROM n) SELECT id, 1 AS weight FROM n WHERE id < 0";
  auto connector = database.Connect({.statement_timeout = std::chrono::milliseconds(20)});
  EXPECT_EQ(connector->Run(*database.ScanTwo()).status().code(), absl::StatusCode::kDeadlineExceeded);
  connector->Interrupt();
  EXPECT_EQ(connector->Run(*database.ScanTwo()).status().code(), absl::StatusCode::kCancelled);
}

}  // namespace
}  // namespace care::engine
