// connectors/sqlite/schema.h
//
// Where a party's federation tables are in its SQLite file: what a scan selects from, and the SQL text that
// yields each column. Read from the node file's mapping and from the database's own schema. What is missing is
// kept as an error for the query that needs it, so that one wrong mapping does not silence the other tables.
#pragma once

#include <string>
#include <vector>

#include "connectors/sqlite/database.h"
#include "planner/catalog/catalog.h"
#include "planner/catalog/node_config.h"

namespace care::connectors {

struct PhysicalColumn {
  std::string sql;              // the owner's column, quoted; with TEXT's affinity and byte order forced
  bool native_decimal = false;  // NUMERIC as decimal text: can be fetched, but not computed with
  absl::Status status;          // why it cannot be read
};

struct PhysicalTable {
  std::string from;  // "claims" or (SELECT ...), for a FROM clause
  std::vector<PhysicalColumn> columns;  // by position in the CatalogTable
  // Sets of column positions that the database's own schema keeps unique.
  std::vector<std::vector<int>> enforced_keys;
  absl::Status status;
};

std::string QuoteIdentifier(std::string_view name);

// By position in Catalog::tables; entries of other parties' tables stay empty.
absl::StatusOr<std::vector<PhysicalTable>> ReadSchema(SqliteDatabase& database, const planner::Catalog& catalog,
                                                      PartyId party, const planner::NodeConfig& config);

}  // namespace care::connectors
