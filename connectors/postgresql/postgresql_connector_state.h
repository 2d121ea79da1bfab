// connectors/postgresql/postgresql_connector_state.h
//
// What a PostgresqlConnector holds: what the plan and the node file say, the connection, what was read of the owner's schema,
// and how far this snapshot's checks have come. A rule is checked once a snapshot, however many fragments read its column.
#pragma once

#include <cstddef>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "connectors/cleaning/table_cleaner.h"
#include "connectors/postgresql/clean_scan.h"
#include "connectors/postgresql/connection.h"
#include "connectors/postgresql/connection_settings.h"
#include "connectors/postgresql/dialect.h"
#include "connectors/postgresql/postgresql_connector.h"
#include "connectors/postgresql/schema.h"
#include "connectors/select/sql_select.h"

namespace care::connectors {

struct PostgresqlConnector::State {
  const planner::Catalog& catalog;
  const PartyId party;
  const std::map<std::string, planner::TableMapping> mappings;
  const planner::TableMapping no_mapping;
  const std::vector<planner::ColumnInfo> columns;
  const PostgresqlOptions options;
  const ConnectionSettings settings;
  const PostgresqlDialect dialect;
  std::mutex connection_mutex;  // Interrupt comes from another thread while `connection` may be replaced.
  std::unique_ptr<PostgresqlConnection> connection;
  bool interrupted = false;               // guarded by the mutex; for a connection that is made later
  std::map<int, PostgresqlTable> tables;  // that were looked at
  std::vector<PhysicalTable> computed;    // by table, for statements that compute
  std::vector<PhysicalTable> fetched;     // for those that fetch a table as it is
  bool in_snapshot = false;
  // What this snapshot's checks have passed: rules by (table, column), keys and bounds by table.
  std::set<int> probed;
  std::set<std::pair<int, int>> checked_columns;
  std::set<std::pair<int, std::vector<int>>> checked_keys;
  std::set<std::pair<int, std::vector<int>>> checked_most_rows;
  std::set<int> checked_bounds;
  std::set<int> checked_subjects;
  std::map<int, TableReport> reports;  // of this snapshot's cleaned tables

  State(const planner::Catalog& catalog_given, PartyId party_given, const planner::NodeConfig& config,
        std::vector<planner::ColumnInfo> columns_given, PostgresqlOptions options_given,
        ConnectionSettings settings_given)
      : catalog(catalog_given),
        party(party_given),
        mappings(config.tables),
        columns(std::move(columns_given)),
        options(options_given),
        settings(std::move(settings_given)),
        dialect(columns) {}

  const planner::CatalogTable& Table(int table) const { return catalog.tables[static_cast<std::size_t>(table)]; }
  const std::string& Party() const { return catalog.PartyName(party); }
  std::string ColumnName(int table, int column) const {
    return absl::StrCat(Table(table).FullName(), ".", Table(table).columns[static_cast<std::size_t>(column)].name);
  }
  const planner::TableMapping& MappingOf(const planner::CatalogTable& table) const {
    const auto mapping = mappings.find(table.name);
    return mapping == mappings.end() ? no_mapping : mapping->second;
  }

  // --- postgresql_connector.cc: the connection.
  absl::Status Connect();
  absl::Status ReadSchema();
  absl::Status Begin();

  // --- postgresql_connector_rows.cc: statements, and the rows that they bring.
  // The scan of a cleaned table that a fragment is; null if it is another fragment. `below`: whether it reads one.
  const planner::ScanNode* CleanedScan(const planner::LogicalNode& node, bool& below) const;
  TableCleaner CleanerOf(const planner::ScanNode& scan) const;
  PostgresqlCleanSource SourceOf(int table) const { return {Table(table), tables.at(table), Party()}; }
  absl::StatusOr<ColumnBatch> RunCleaned(const planner::ScanNode& scan);
  absl::StatusOr<SqlSelect> Select(const planner::LogicalNode& node, bool whole) const;
  absl::StatusOr<std::string> Statement(const planner::LogicalNode& node) const;
  absl::StatusOr<ColumnBatch> Fetch(const planner::LogicalNode& node);

  // --- postgresql_connector_checks.cc: the rules that the database does not keep by itself.
  absl::Status Probe(int table);
  absl::Status CheckKeys(const planner::ScanNode& scan);
  bool MustCheckSubjects(int table, bool reads_subject) const;
  absl::Status CheckTable(const planner::ScanNode& scan);
  absl::Status JudgeFetched(const planner::ScanNode& scan, const std::map<planner::ColumnId, int>& origin,
                            const ColumnBatch& batch);
};

}  // namespace care::connectors
