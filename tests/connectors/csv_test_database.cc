// Every field in the form in which PostgreSQL's COPY writes it: texts in quotes where they need them, NULL as nothing.
#include <stdlib.h>

#include <filesystem>
#include <fstream>

#include "connectors/csv/csv_connector.h"
#include "tests/connectors/test_database.h"

namespace care::connectors {
namespace {

class CsvTestDatabase : public TestDatabase {
 public:
  CsvTestDatabase() {
    folder_ = testing::TempDir() + "/care_conformance_csv_XXXXXX";
    EXPECT_NE(mkdtemp(folder_.data()), nullptr);
  }
  ~CsvTestDatabase() override { std::filesystem::remove_all(folder_); }

  void Store(const planner::CatalogTable& table, const std::vector<Row>& rows) override {
    std::ofstream file(folder_ + "/" + table.name + ".csv", std::ios::binary | std::ios::trunc);
    for (std::size_t i = 0; i < table.columns.size(); ++i) file << (i == 0 ? "" : ",") << Field(table.columns[i].name);
    file << "\n";
    for (const Row& row : rows) {
      for (std::size_t i = 0; i < row.size(); ++i) {
        file << (i == 0 ? "" : ",") << (IsNull(row[i]) ? std::string() : Field(FormatValue(row[i])));
      }
      file << "\n";
    }
  }

  void Configure(const planner::CatalogTable& table, planner::NodeConfig& config) override {
    config.database_kind = "csv";
    config.database_path = folder_;
    config.tables[table.name].table = table.name + ".csv";
  }

  absl::StatusOr<std::unique_ptr<Connector>> Open(const planner::Catalog& catalog, const planner::NodeConfig& config,
                                                  std::vector<planner::ColumnInfo> columns) override {
    auto connector = CsvConnector::Open(catalog, 0, config, std::move(columns));
    if (!connector.ok()) return connector.status();
    return *std::move(connector);
  }

 private:
  static std::string Field(const std::string& text) {
    if (!text.empty() && text.find_first_of(",\"\r\n") == std::string::npos) return text;
    std::string quoted = "\"";
    for (const char c : text) {
      quoted += c;
      if (c == '"') quoted += c;
    }
    return quoted + "\"";
  }

  std::string folder_;
};

}  // namespace

std::unique_ptr<TestDatabase> MakeCsvTestDatabase() { return std::make_unique<CsvTestDatabase>(); }

}  // namespace care::connectors
