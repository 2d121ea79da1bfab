// An owner's database under test, whatever its kind: tests say which rows its tables hold, as values, and each kind
// stores them in its own way. A new kind of connector joins by adding itself to AllKinds in test_database.cc; then
// every case runs on it as well.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "connectors/connector.h"
#include "gtest/gtest.h"
#include "planner/catalog/catalog.h"
#include "planner/catalog/node_config.h"

namespace care::connectors {

using Row = std::vector<Value>;

class TestDatabase {
 public:
  virtual ~TestDatabase() = default;

  // Replaces the table. Columns get the types that the catalog declares, and no constraint; rows may break what it
  // declares, as far as the kind can store them.
  virtual void Store(const planner::CatalogTable& table, const std::vector<Row>& rows) = 0;
  // Which database, for a node file; and the mapping of the table, where Store wrote it in a form of its own.
  virtual void Configure(const planner::CatalogTable& table, planner::NodeConfig& config) = 0;
  virtual absl::StatusOr<std::unique_ptr<Connector>> Open(const planner::Catalog& catalog,
                                                          const planner::NodeConfig& config,
                                                          std::vector<planner::ColumnInfo> columns) = 0;
};

struct DatabaseKind {
  std::string name;
  std::function<std::unique_ptr<TestDatabase>()> make;
  bool computes = true;             // false: only scans are run in it
  bool computes_functions = false;  // of dates and texts
};

const std::vector<DatabaseKind>& AllKinds();
std::unique_ptr<TestDatabase> MakeSqliteTestDatabase();
std::unique_ptr<TestDatabase> MakePostgresqlTestDatabase();
std::unique_ptr<TestDatabase> MakeCsvTestDatabase();

inline void PrintTo(const DatabaseKind& kind, std::ostream* out) { *out << kind.name; }

// A federation of one party, its rows and the plan's columns: table t's column c has the id of its place in line.
class TestFederation {
 public:
  TestFederation(const DatabaseKind& kind, std::vector<planner::CatalogTable> tables);

  void Store(int table, const std::vector<Row>& rows);
  absl::StatusOr<std::unique_ptr<Connector>> TryOpen();
  std::unique_ptr<Connector> Open();  // with a snapshot begun

  planner::LogicalPtr Scan(int table) const;
  planner::LogicalPtr Count(planner::LogicalPtr child);
  planner::ColumnId IdOf(int table, int column) const;
  planner::ExpressionPtr ColumnOf(planner::ColumnId id) const;
  planner::ColumnId AddColumn(DataType type);

  planner::Catalog& catalog() { return catalog_; }
  planner::NodeConfig& config() { return config_; }
  TestDatabase& database() { return *database_; }
  const std::vector<planner::ColumnInfo>& columns() const { return columns_; }
  // Again from the catalog, after a test changed its declarations.
  void RefreshColumns();

 private:
  std::unique_ptr<TestDatabase> database_;
  planner::Catalog catalog_;
  planner::NodeConfig config_;
  std::vector<planner::ColumnInfo> columns_;
};

planner::CatalogColumn Declared(std::string name, DataType type, bool nullable = true);
planner::CatalogTable DeclaredTable(std::string name, std::vector<planner::CatalogColumn> columns);
planner::LogicalPtr Node(decltype(planner::LogicalNode::node) node);
// One line for each row, NULL apart from every text.
std::vector<std::string> RowTexts(const ColumnBatch& batch);

}  // namespace care::connectors
