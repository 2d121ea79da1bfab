// The same raw rows in an SQLite file and in a CSV folder: the same cleaned table, the same errors, through the
// connector's own interface. What only one of the two can hold is tested apart.
#include <sqlite3.h>

#include "connectors/check_data.h"
#include "connectors/open_connector.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "planner/catalog/catalog.h"
#include "tests/unit/connectors/temporary_folder.h"

namespace care::connectors {
namespace {

using planner::OnDuplicate;
using planner::OnViolation;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

constexpr char kFederation[] = R"toml(name = "test"
version = 1
time_zone = "Europe/Amsterdam"
compute = ["hospital", "insurer", "bureau"]
authority_sha256 = "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"
[[key]]
name = "bsn"
format = "bsn"
[[party]]
name = "hospital"
address = "127.0.0.1:7401"
[[party]]
name = "insurer"
address = "127.0.0.1:7402"
[[party]]
name = "bureau"
address = "127.0.0.1:7403"
[[table]]
name = "hospital.visits"
subject = "bsn"
primary_key = ["bsn", "day"]
row_bound = 10
  [[table.column]]
  name = "bsn"
  type = "text"
  key = "bsn"
  nullable = false
  [[table.column]]
  name = "day"
  type = "date"
  nullable = false
  [[table.column]]
  name = "kind"
  type = "text"
  domain = ["phone", "caf\u00e9"]
)toml";

class MessyTables : public testing::TestWithParam<const char*> {
 protected:
  MessyTables() {
    catalog_ = *planner::ParseFederation(kFederation);
    config_.party = "hospital";
    config_.database_kind = GetParam();
    config_.database_path = folder_.path() + (IsCsv() ? "" : "/hospital.db");
    mapping().table = IsCsv() ? "contacts.csv" : "contacts";
    mapping().columns["bsn"].column = "number";
    mapping().columns["bsn"].on_violation = OnViolation::kDrop;
    mapping().columns["day"].column = "at";
    mapping().columns["day"].timestamp = true;
    mapping().columns["kind"].trim = mapping().columns["kind"].nfc = true;
    mapping().columns["kind"].on_violation = OnViolation::kNull;
    for (const planner::CatalogColumn& column : catalog_.tables[0].columns) {
      planner::ColumnInfo info;
      info.type = column.type;
      info.nullable = column.nullable;
      columns_.push_back(info);
    }
  }

  bool IsCsv() const { return std::string_view(GetParam()) == "csv"; }
  planner::TableMapping& mapping() { return config_.tables["visits"]; }

  // The first row is the header. No text of these tests needs quotes in CSV; "-" is NULL.
  void Store(const std::string& name, const std::vector<std::vector<std::string>>& rows) {
    if (IsCsv()) {
      std::string text;
      for (const auto& row : rows) {
        for (std::size_t i = 0; i < row.size(); ++i) text += (i > 0 ? "," : "") + (row[i] == "-" ? "" : row[i]);
        text += "\n";
      }
      folder_.Write(name + ".csv", text);
      return;
    }
    sqlite3* handle = nullptr;
    ASSERT_EQ(sqlite3_open(config_.database_path.c_str(), &handle), SQLITE_OK);
    std::string sql = "CREATE TABLE " + name + " (" + rows[0][0];
    for (std::size_t i = 1; i < rows[0].size(); ++i) sql += ", " + rows[0][i];
    sql += ");";
    for (std::size_t r = 1; r < rows.size(); ++r) {
      sql += "INSERT INTO " + name + " VALUES (";
      for (std::size_t i = 0; i < rows[r].size(); ++i) {
        sql += (i > 0 ? ", " : "") + (rows[r][i] == "-" ? "NULL" : "'" + rows[r][i] + "'");
      }
      sql += ");";
    }
    ASSERT_EQ(sqlite3_exec(handle, sql.c_str(), nullptr, nullptr, nullptr), SQLITE_OK) << sql;
    sqlite3_close(handle);
  }

  std::unique_ptr<Connector> Connect() {
    auto connector = OpenConnector(catalog_, 0, config_, columns_);
    EXPECT_TRUE(connector.ok()) << connector.status();
    return *std::move(connector);
  }
  static planner::LogicalNode Scan(std::vector<int> columns) {
    planner::ScanNode scan{0, {}};
    for (const int column : columns) scan.columns.push_back({static_cast<planner::ColumnId>(column), column});
    return planner::LogicalNode{scan};
  }

  std::vector<std::string> Rows(std::vector<int> read = {0, 1, 2}) {
    auto connector = Connect();
    EXPECT_TRUE(connector->BeginSnapshot().ok());
    const auto batch = connector->Run(Scan(read));
    reports_ = connector->CleaningReports();
    EXPECT_TRUE(connector->EndSnapshot().ok());
    if (!batch.ok()) return {std::string(batch.status().message())};
    std::vector<std::string> rows;
    for (std::size_t row = 0; row < batch->rows; ++row) {
      std::string text;
      for (const Column& column : batch->columns) {
        text += (text.empty() ? "" : " ") + (column.IsNull(row) ? "-" : FormatValue(column.At(row)));
      }
      rows.push_back(text);
    }
    return rows;
  }

  const std::vector<std::vector<std::string>> contacts_ = {{"id", "number", "at", "kind", "takes_back"},
                                                           {"1", " 111222333", "2024-03-30 23:30:00Z", "phone ", "-"},
                                                           {"2", "10464554", "2024-01-01", "cafe\xcc\x81", "-"},
                                                           {"3", "123456789", "2024-01-02", "phone", "-"},
                                                           {"4", "-", "2024-01-02", "phone", "-"},
                                                           {"5", "111222333", "2024-05-05", "fax", "-"},
                                                           {"6", "111222333", "2024-06-06", "phone", "-"},
                                                           {"7", "111222333", "2024-06-07", "nonsense", "6"}};
  TemporaryFolder folder_;
  planner::Catalog catalog_;
  planner::NodeConfig config_;
  std::vector<planner::ColumnInfo> columns_;
  std::vector<TableReport> reports_;
};

TEST_P(MessyTables, AreCleaned) {
  Store("contacts", contacts_);
  mapping().reversal = planner::ReversalMapping{"id", "takes_back"};
  EXPECT_THAT(Rows(), ElementsAre("111222333 2024-03-31 phone", "010464554 2024-01-01 caf\xc3\xa9",
                                  "111222333 2024-05-05 -"));
  EXPECT_EQ(ReportLine(reports_.at(0)),
            "hospital.visits: 7 rows read, 3 kept; 2 reversed, 2 dropped, 1 of bsn break the rule bsn, 1 of bsn break "
            "the rule not NULL, 1 of kind break the rule domain");
  EXPECT_THAT(Rows({1}), ElementsAre("2024-03-31", "2024-01-01", "2024-05-05")) << "whatever is read";
}

TEST_P(MessyTables, MergesAndDuplicates) {
  Store("contacts", contacts_);
  Store("merges", {{"old", "new"}, {"123456789", "10464554"}, {"10464554", "111222333"}});
  mapping().merged = planner::MergeMapping{IsCsv() ? "merges.csv" : "merges", "old", "new"};
  mapping().on_duplicate = OnDuplicate::kFirst;
  mapping().order_by = "id";
  catalog_.tables[0].unique_keys = {{0}};
  EXPECT_THAT(Rows(), ElementsAre("111222333 2024-03-31 phone"));
  mapping().merged->to = "newest";
  EXPECT_THAT(Rows()[0], HasSubstr("merge"));
  EXPECT_THAT(Rows()[0], HasSubstr("newest"));
}

TEST_P(MessyTables, OnlyTheScanIsTheDatabases) {
  Store("contacts", contacts_);
  auto connector = Connect();
  const planner::LogicalNode scan = Scan({0, 1});
  EXPECT_TRUE(connector->Supports(scan));
  const planner::LimitNode limit{std::make_shared<const planner::LogicalNode>(scan), 1, 0};
  EXPECT_FALSE(connector->Supports(planner::LogicalNode{limit}));
  EXPECT_EQ(*connector->SqlFor(scan), IsCsv() ? "read contacts.csv (number, at)"
                                              : "SELECT \"number\", \"at\" FROM \"contacts\" ORDER BY rowid");
}

TEST_P(MessyTables, WhatIsMissingIsNamed) {
  Store("contact", {{"id"}});
  EXPECT_THAT(Rows()[0], HasSubstr("contacts"));
  Store("contacts", {{"id", "numbr", "at", "kind"}});
  EXPECT_THAT(Rows()[0], HasSubstr("has no column 'number' (the nearest name there is 'numbr'); correct [tables.visits"));
}

TEST_P(MessyTables, BrokenRulesThatEndTheQueryNameNoValue) {
  Store("contacts", {{"id", "number", "at", "kind"}, {"1", "111222333", "777", "phone"}});
  EXPECT_THAT(Rows()[0], HasSubstr("hospital.visits.day: a value is not a date"));
  EXPECT_THAT(Rows()[0], Not(HasSubstr("777")));
  EXPECT_THAT(Rows({0}), ElementsAre("111222333")) << "a column that is not read";
  const auto reports = CheckData(catalog_, 0, config_);
  ASSERT_TRUE(reports.ok());
  EXPECT_THAT(std::string(reports->at(0).status.message()), HasSubstr("hospital.visits.day"));
  EXPECT_EQ((reports->at(0).report.violations.at({"day", "date"})), 1u);
}

TEST_P(MessyTables, InterruptedRunsEnd) {
  Store("contacts", contacts_);
  auto connector = Connect();
  ASSERT_TRUE(connector->BeginSnapshot().ok());
  connector->Interrupt();
  EXPECT_EQ(connector->Run(Scan({0})).status().code(), absl::StatusCode::kCancelled);
  ASSERT_TRUE(connector->EndSnapshot().ok());
  ASSERT_TRUE(connector->BeginSnapshot().ok());
  EXPECT_TRUE(connector->Run(Scan({0})).ok()) << "the next query";
}

INSTANTIATE_TEST_SUITE_P(Kinds, MessyTables, testing::Values("sqlite", "csv"),
                         [](const auto& kind) { return std::string(kind.param); });

class MessySqlite : public MessyTables {};

TEST_P(MessySqlite, StoredTypesAndOrder) {
  sqlite3* handle = nullptr;
  ASSERT_EQ(sqlite3_open(config_.database_path.c_str(), &handle), SQLITE_OK);
  ASSERT_EQ(sqlite3_exec(handle,
                         "CREATE TABLE contacts (number INTEGER, at TEXT, kind TEXT, rowid INTEGER, version INTEGER, "
                         "PRIMARY KEY (at, number)) WITHOUT ROWID;"
                         "INSERT INTO contacts VALUES (111222333, '2024-02-02', 'phone', 1, 1),"
                         "(10464554, '2024-01-01', CAST(X'ff' AS TEXT), 2, 1), (7, '2024-01-01', X'70', 3, 1);",
                         nullptr, nullptr, nullptr),
            SQLITE_OK);
  EXPECT_THAT(Rows(), ElementsAre("010464554 2024-01-01 -", "111222333 2024-02-02 phone"));
  EXPECT_EQ(*Connect()->SqlFor(Scan({0})), "SELECT \"number\" FROM \"contacts\" ORDER BY \"at\", \"number\"");
  mapping().table.clear();
  mapping().sql = "SELECT number, at, kind FROM contacts WHERE number > 9 ORDER BY number DESC";
  EXPECT_THAT(Rows({0}), ElementsAre("111222333", "010464554"));
  ASSERT_EQ(sqlite3_exec(handle, "CREATE TABLE other (number, at, kind, rowid); INSERT INTO other (_rowid_, number, "
                                 "at, rowid) VALUES (2, '111222333', '2024-01-01', 1), (1, '10464554', '2024-01-01', 2)",
                         nullptr, nullptr, nullptr),
            SQLITE_OK);
  mapping().sql.clear();
  mapping().table = "other";
  EXPECT_THAT(Rows({0}), ElementsAre("010464554", "111222333")) << "a column named rowid is no row number";
  sqlite3_close(handle);
}

INSTANTIATE_TEST_SUITE_P(Sqlite, MessySqlite, testing::Values("sqlite"));

class MessyCsv : public MessyTables {};

TEST_P(MessyCsv, TheSecondScanOfASnapshotSeesTheSameFile) {
  Store("contacts", contacts_);
  auto connector = Connect();
  ASSERT_TRUE(connector->BeginSnapshot().ok());
  ASSERT_TRUE(connector->Run(Scan({0})).ok());
  Store("contacts", {contacts_[0], contacts_[1]});
  const absl::Status changed = connector->Run(Scan({1})).status();
  EXPECT_EQ(changed.code(), absl::StatusCode::kUnavailable);
  EXPECT_THAT(std::string(changed.message()), HasSubstr("hospital.visits: in the CSV folder of hospital, contacts.csv: it changed"));
  ASSERT_TRUE(connector->EndSnapshot().ok());
  ASSERT_TRUE(connector->BeginSnapshot().ok());
  EXPECT_TRUE(connector->Run(Scan({1})).ok());
}

TEST_P(MessyCsv, ErrorsOfTheFileNameTheTable) {
  folder_.Write("contacts.csv", "number,at,kind\n1,2\n");
  EXPECT_THAT(Rows()[0], HasSubstr("hospital.visits: in the CSV folder of hospital, contacts.csv: there are 2"));
  mapping().table = "../contacts.csv";
  EXPECT_THAT(Rows()[0], HasSubstr("not a path"));
  config_.tables.clear();
  EXPECT_THAT(Rows()[0], HasSubstr("hospital.visits: hospital's CSV folder has no table 'visits.csv'"));
  config_.database_path += "/absent";
  EXPECT_THAT(std::string(OpenConnector(catalog_, 0, config_, columns_).status().message()),
              HasSubstr("should check folder under [database]"));
}

INSTANTIATE_TEST_SUITE_P(Csv, MessyCsv, testing::Values("csv"));

}  // namespace
}  // namespace care::connectors
