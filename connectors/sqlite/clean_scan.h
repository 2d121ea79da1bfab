// connectors/sqlite/clean_scan.h
//
// Reads a table of an SQLite file as it is, in storage order, into a TableCleaner: what a table needs whose rows do
// not count as they are. The database computes nothing then; the node does, over the cleaned rows.
#pragma once

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "connectors/cleaning/table_cleaner.h"
#include "connectors/sqlite/database.h"
#include "planner/catalog/catalog.h"
#include "planner/catalog/node_config.h"

namespace care::connectors {

// Where a table's rows are, as the node file says.
struct CleanSource {
  const planner::CatalogTable& table;
  const planner::TableMapping& mapping;
  std::string from;   // for a FROM clause
  const std::string& party;
};

// The statement that brings what `cleaner` needs. NotFound, with the nearest name, for a column that is not there.
absl::StatusOr<std::string> CleanScanSql(SqliteDatabase& database, const CleanSource& source,
                                         const TableCleaner& cleaner);

// Merged numbers first, then all rows.
absl::Status FeedCleaner(SqliteDatabase& database, const CleanSource& source, TableCleaner& cleaner);

}  // namespace care::connectors
