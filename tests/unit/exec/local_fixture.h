// A small SQLite database with every type, NULLs and awkward values, its catalog and a connector on it.
#pragma once

#include <sqlite3.h>
#include <unistd.h>

#include <cstdio>
#include <memory>
#include <string>
#include <vector>

#include "connectors/sqlite/sqlite_connector.h"
#include "engine/exec/local/evaluator.h"
#include "gtest/gtest.h"
#include "planner/logical/logical_plan.h"

namespace care::engine {

inline planner::LogicalPtr Node(decltype(planner::LogicalNode::node) node) {
  return std::make_shared<const planner::LogicalNode>(planner::LogicalNode{std::move(node)});
}

inline planner::CatalogColumn DeclaredColumn(std::string name, DataType type, bool nullable = true) {
  planner::CatalogColumn column;
  column.name = std::move(name);
  column.type = type;
  column.nullable = nullable;
  return column;
}

inline std::vector<std::string> RowTexts(const ColumnBatch& batch) {
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

class LocalDatabase {
 public:
  // Columns of table `one` have ids 0..6, of table `two` 7..8.
  enum : planner::ColumnId { kKey, kBig, kSmall, kFlag, kDay, kText, kAmount, kOther, kWeight };

  LocalDatabase() {
    path_ = testing::TempDir() + "/care_local_" + std::to_string(::getpid()) + "_" + std::to_string(++count_) + ".db";
    std::remove(path_.c_str());
    EXPECT_EQ(sqlite3_open(path_.c_str(), &handle_), SQLITE_OK);
    Execute("PRAGMA synchronous = OFF; PRAGMA journal_mode = MEMORY");
    Execute("CREATE TABLE one (id INTEGER NOT NULL, big INTEGER, small INTEGER, flag INTEGER, day TEXT, "
            "txt TEXT COLLATE NOCASE, cents INTEGER)");
    Execute("CREATE TABLE two (id INTEGER, weight INTEGER)");
    catalog_.parties = {{"hospital", ""}};
    planner::CatalogTable one;
    one.schema = "hospital";
    one.name = "one";
    one.owner = 0;
    one.row_bound = 1000;
    one.columns = {DeclaredColumn("id", kBigIntType, false),
                   DeclaredColumn("big", kBigIntType),
                   DeclaredColumn("small", {TypeKind::kInteger}),
                   DeclaredColumn("flag", kBooleanType),
                   DeclaredColumn("day", kDateType),
                   DeclaredColumn("txt", kTextType),
                   DeclaredColumn("amount", {TypeKind::kNumeric, 8, 2})};
    one.columns[kBig].min = -1000;
    one.columns[kBig].max = 1000;
    one.columns[kSmall].min = -50;
    one.columns[kSmall].max = 50;
    planner::CatalogTable two;
    two.schema = "hospital";
    two.name = "two";
    two.owner = 0;
    two.row_bound = 1000;
    two.columns = {DeclaredColumn("id", kBigIntType), DeclaredColumn("weight", kBigIntType)};
    catalog_.tables = {one, two};
    config_.party = "hospital";
    config_.database_path = path_;
    config_.tables["one"].table = "one";
    config_.tables["one"].columns["amount"] = {"cents", true};
    config_.tables["two"].table = "two";
  }

  ~LocalDatabase() {
    sqlite3_close(handle_);
    std::remove(path_.c_str());
  }

  void Execute(const std::string& sql) {
    char* message = nullptr;
    EXPECT_EQ(sqlite3_exec(handle_, sql.c_str(), nullptr, nullptr, &message), SQLITE_OK) << message << "\n" << sql;
    sqlite3_free(message);
  }

  planner::LogicalPtr ScanOne() const {
    planner::ScanNode scan{0, {}};
    for (int i = 0; i < 7; ++i) scan.columns.push_back({static_cast<planner::ColumnId>(i), i});
    return Node(scan);
  }
  planner::LogicalPtr ScanTwo() const { return Node(planner::ScanNode{1, {{kOther, 0}, {kWeight, 1}}}); }

  planner::ColumnId AddColumn(DataType type) {
    Columns();
    planner::ColumnInfo info;
    info.type = type;
    columns_.push_back(info);
    return static_cast<planner::ColumnId>(columns_.size() - 1);
  }

  const std::vector<planner::ColumnInfo>& Columns() {
    if (!columns_.empty()) return columns_;
    for (const planner::CatalogTable& table : catalog_.tables) {
      for (const planner::CatalogColumn& declared : table.columns) {
        planner::ColumnInfo info;
        info.name = declared.name;
        info.type = declared.type;
        info.nullable = declared.nullable;
        info.min = declared.min;
        info.max = declared.max;
        columns_.push_back(info);
      }
    }
    return columns_;
  }

  planner::ExpressionPtr ColumnOf(planner::ColumnId id) { return planner::MakeColumn(id, Columns()[id].type); }

  std::unique_ptr<connectors::SqliteConnector> Connect(connectors::SqliteOptions options = {}) {
    auto connector = connectors::SqliteConnector::Open(catalog_, 0, config_, Columns(), options);
    EXPECT_TRUE(connector.ok()) << connector.status();
    EXPECT_TRUE((*connector)->BeginSnapshot().ok());
    return *std::move(connector);
  }

  planner::Catalog& catalog() { return catalog_; }
  planner::NodeConfig& config() { return config_; }

 private:
  static inline int count_ = 0;
  std::string path_;
  sqlite3* handle_ = nullptr;
  planner::Catalog catalog_;
  planner::NodeConfig config_;
  std::vector<planner::ColumnInfo> columns_;
};

}  // namespace care::engine
