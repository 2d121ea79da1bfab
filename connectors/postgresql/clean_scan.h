// connectors/postgresql/clean_scan.h
//
// Reads a table of an owner's PostgreSQL as it is, in storage order, into a TableCleaner: what a table needs whose
// rows do not count as they are. The database computes nothing then; the node does, over the cleaned rows.
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "connectors/cleaning/table_cleaner.h"
#include "connectors/postgresql/connection.h"
#include "connectors/postgresql/schema.h"

namespace care::connectors {

struct PostgresqlCleanSource {
  const planner::CatalogTable& table;
  const PostgresqlTable& own;
  const std::string& party;
};

// The statement that brings what `cleaner` needs. NotFound, with the nearest name, for a column that is not there.
absl::StatusOr<std::string> CleanScanSql(PostgresqlConnection& connection, const PostgresqlCleanSource& source,
                                         const TableCleaner& cleaner);

// Merged numbers first, then all rows.
absl::Status FeedCleaner(PostgresqlConnection& connection, const PostgresqlCleanSource& source, TableCleaner& cleaner);

}  // namespace care::connectors
