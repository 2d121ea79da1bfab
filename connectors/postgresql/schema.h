// connectors/postgresql/schema.h
//
// Where a party's federation tables are in its PostgreSQL database. A table is found under the name that the node
// file gives: one that the role's search_path shows, or else schema.table. Names are taken as they are, case and
// all. What is missing, or may not be read, is kept as an error for the query that needs it, so that one wrong
// mapping does not silence the other tables.
#pragma once

#include <string>
#include <vector>

#include "connectors/postgresql/stored_column.h"
#include "connectors/select/sql_select.h"
#include "planner/catalog/catalog.h"
#include "planner/catalog/node_config.h"

namespace care::connectors {

struct PostgresqlTable {
  PhysicalTable physical;            // what statements compute with
  std::vector<StoredColumn> stored;  // by position in the CatalogTable
  std::vector<std::string> own_columns;
  std::string storage_order;          // " ORDER BY ctid", where rows have a place
  std::string probe;                 // selects the mapped columns: fails if they are gone or may not be read
  std::vector<PostgresqlConnection::ResultColumn> probed;  // what it yielded
};

// Only a lost connection is an error of the whole. Runs in a transaction of the caller's.
absl::StatusOr<PostgresqlTable> ReadTable(PostgresqlConnection& connection, const planner::CatalogTable& table,
                                          const planner::TableMapping& mapping, const std::string& time_zone,
                                          const std::string& party);

// The name of a table in a FROM clause, found as above. NotFound.
absl::StatusOr<std::string> FindTable(PostgresqlConnection& connection, const std::string& name);

// pg_type.typcategory of each column's type.
absl::StatusOr<std::vector<char>> TypeCategories(PostgresqlConnection& connection,
                                                 const std::vector<PostgresqlConnection::ResultColumn>& columns);

}  // namespace care::connectors
