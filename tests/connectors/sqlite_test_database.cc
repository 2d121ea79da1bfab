// Dates as text, numerics as integers in units of their scale, text without regard to case unless told.
#include <sqlite3.h>
#include <unistd.h>

#include <cstdio>

#include "connectors/select/sql_select.h"
#include "connectors/sqlite/sqlite_connector.h"
#include "engine/types/date.h"
#include "tests/connectors/test_database.h"

namespace care::connectors {
namespace {

class SqliteTestDatabase : public TestDatabase {
 public:
  SqliteTestDatabase() {
    static int count = 0;
    path_ = testing::TempDir() + "/care_conformance_" + std::to_string(::getpid()) + "_" + std::to_string(++count);
    std::remove(path_.c_str());
    EXPECT_EQ(sqlite3_open(path_.c_str(), &handle_), SQLITE_OK);
    Execute("PRAGMA synchronous = OFF; PRAGMA journal_mode = MEMORY");
  }
  ~SqliteTestDatabase() override {
    sqlite3_close(handle_);
    std::remove(path_.c_str());
  }

  void Store(const planner::CatalogTable& table, const std::vector<Row>& rows) override {
    const std::string name = QuoteIdentifier(table.name);
    std::string columns;
    for (const planner::CatalogColumn& column : table.columns) {
      columns += (columns.empty() ? "" : ", ") + QuoteIdentifier(column.name) + (IsText(column) ? " TEXT COLLATE NOCASE" : IsDate(column) || column.type.IsTimestamp() ? " TEXT" : " INTEGER");
    }
    std::string script = "BEGIN; DROP TABLE IF EXISTS " + name + "; CREATE TABLE " + name + " (" + columns + ");";
    for (const Row& row : rows) {
      script += "INSERT INTO " + name + " VALUES (";
      for (std::size_t i = 0; i < row.size(); ++i) script += (i == 0 ? "" : ", ") + Stored(row[i], table.columns[i].type);
      script += ");";
    }
    Execute(script + "COMMIT");
  }

  void Configure(const planner::CatalogTable& table, planner::NodeConfig& config) override {
    config.database_kind = "sqlite";
    config.database_path = path_;
    config.tables[table.name].table = table.name;
    for (const planner::CatalogColumn& column : table.columns) {
      if (column.type.kind == TypeKind::kNumeric) config.tables[table.name].columns[column.name] = {column.name, true};
    }
  }

  absl::StatusOr<std::unique_ptr<Connector>> Open(const planner::Catalog& catalog, const planner::NodeConfig& config,
                                                  std::vector<planner::ColumnInfo> columns) override {
    auto connector = SqliteConnector::Open(catalog, 0, config, std::move(columns));
    if (!connector.ok()) return connector.status();
    return *std::move(connector);
  }

 private:
  static bool IsText(const planner::CatalogColumn& column) { return column.type.kind == TypeKind::kText; }
  static bool IsDate(const planner::CatalogColumn& column) { return column.type.kind == TypeKind::kDate; }

  static std::string Stored(const Value& value, const DataType& type) {
    if (IsNull(value)) return "NULL";
    if (const auto* decimal = std::get_if<Decimal>(&value)) {
      return std::to_string(static_cast<std::int64_t>(RescaleDecimal(*decimal, type.scale)->unscaled));
    }
    if (const auto* boolean = std::get_if<bool>(&value)) return *boolean ? "1" : "0";
    if (const auto* integer = std::get_if<std::int64_t>(&value)) {
      // The least has no literal: it would be a minus before a floating-point number.
      return *integer == INT64_MIN ? "(-9223372036854775807 - 1)" : std::to_string(*integer);
    }
    if (const auto* date = std::get_if<Date>(&value)) return QuoteText(FormatDate(date->days));
    if (std::holds_alternative<Timestamp>(value)) return QuoteText(FormatValue(value));
    return QuoteText(std::get<std::string>(value));
  }

  void Execute(const std::string& sql) {
    char* message = nullptr;
    EXPECT_EQ(sqlite3_exec(handle_, sql.c_str(), nullptr, nullptr, &message), SQLITE_OK) << message << "\n" << sql;
    sqlite3_free(message);
  }

  std::string path_;
  sqlite3* handle_ = nullptr;
};

}  // namespace

std::unique_ptr<TestDatabase> MakeSqliteTestDatabase() { return std::make_unique<SqliteTestDatabase>(); }

}  // namespace care::connectors
