#include "tests/connectors/test_database.h"

#include <utility>

namespace care::connectors {

const std::vector<DatabaseKind>& AllKinds() {
  static const std::vector<DatabaseKind> kinds = {{"sqlite", &MakeSqliteTestDatabase},
                                                  {"postgresql", &MakePostgresqlTestDatabase, true, true},
                                                  {"csv", &MakeCsvTestDatabase, false}};
  return kinds;
}

TestFederation::TestFederation(const DatabaseKind& kind, std::vector<planner::CatalogTable> tables)
    : database_(kind.make()) {
  catalog_.parties = {{"hospital", ""}};
  catalog_.tables = std::move(tables);
  config_.party = "hospital";
  for (const planner::CatalogTable& table : catalog_.tables) database_->Configure(table, config_);
  RefreshColumns();
}

void TestFederation::RefreshColumns() {
  columns_.clear();
  for (std::size_t table = 0; table < catalog_.tables.size(); ++table) {
    for (std::size_t i = 0; i < catalog_.tables[table].columns.size(); ++i) {
      const planner::CatalogColumn& declared = catalog_.tables[table].columns[i];
      planner::ColumnInfo info;
      info.name = declared.name;
      info.type = declared.type;
      info.nullable = declared.nullable;
      info.table = static_cast<int>(table);
      info.table_column = static_cast<int>(i);
      info.min = declared.min;
      info.max = declared.max;
      columns_.push_back(info);
    }
  }
}

void TestFederation::Store(int table, const std::vector<Row>& rows) {
  database_->Store(catalog_.tables[static_cast<std::size_t>(table)], rows);
}

absl::StatusOr<std::unique_ptr<Connector>> TestFederation::TryOpen() {
  return database_->Open(catalog_, config_, columns_);
}

std::unique_ptr<Connector> TestFederation::Open() {
  auto connector = TryOpen();
  EXPECT_TRUE(connector.ok()) << connector.status();
  const absl::Status begun = (*connector)->BeginSnapshot();
  EXPECT_TRUE(begun.ok()) << begun;
  return *std::move(connector);
}

planner::ColumnId TestFederation::IdOf(int table, int column) const {
  std::size_t id = 0;
  for (int i = 0; i < table; ++i) id += catalog_.tables[static_cast<std::size_t>(i)].columns.size();
  return static_cast<planner::ColumnId>(id + static_cast<std::size_t>(column));
}

planner::LogicalPtr TestFederation::Scan(int table) const {
  planner::ScanNode scan{table, {}};
  const int count = static_cast<int>(catalog_.tables[static_cast<std::size_t>(table)].columns.size());
  for (int i = 0; i < count; ++i) scan.columns.push_back({IdOf(table, i), i});
  return Node(scan);
}

planner::LogicalPtr TestFederation::Count(planner::LogicalPtr child) {
  planner::AggregateCall count;
  count.type = kBigIntType;
  return Node(planner::AggregateNode{std::move(child), {}, {{AddColumn(kBigIntType), count}}});
}

planner::ExpressionPtr TestFederation::ColumnOf(planner::ColumnId id) const {
  return planner::MakeColumn(id, columns_[id].type);
}

planner::ColumnId TestFederation::AddColumn(DataType type) {
  planner::ColumnInfo info;
  info.type = type;
  columns_.push_back(info);
  return static_cast<planner::ColumnId>(columns_.size() - 1);
}

planner::CatalogColumn Declared(std::string name, DataType type, bool nullable) {
  planner::CatalogColumn column;
  column.name = std::move(name);
  column.type = type;
  column.nullable = nullable;
  return column;
}

planner::CatalogTable DeclaredTable(std::string name, std::vector<planner::CatalogColumn> columns) {
  planner::CatalogTable table;
  table.schema = "hospital";
  table.name = std::move(name);
  table.owner = 0;
  table.row_bound = 1000;
  table.columns = std::move(columns);
  return table;
}

planner::LogicalPtr Node(decltype(planner::LogicalNode::node) node) {
  return std::make_shared<const planner::LogicalNode>(planner::LogicalNode{std::move(node)});
}

std::vector<std::string> RowTexts(const ColumnBatch& batch) {
  std::vector<std::string> rows;
  for (std::size_t row = 0; row < batch.rows; ++row) {
    std::string text;
    for (const Column& column : batch.columns) {
      text += column.IsNull(row) ? "NULL" : "'" + FormatValue(column.At(row)) + "'";
      text += " ";
    }
    rows.push_back(std::move(text));
  }
  return rows;
}

}  // namespace care::connectors

int main(int argc, char** argv) {
  testing::InitGoogleTest(&argc, argv);
  return RUN_ALL_TESTS();
}
