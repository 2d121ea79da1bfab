// connectors/sqlite/schema.h
//
// Where a party's federation tables are in its SQLite file: what a scan selects from, and the SQL text that
// yields each column. Read from the node file's mapping and from the database's own schema. What is missing is
// kept as an error for the query that needs it, so that one wrong mapping does not silence the other tables.
#pragma once

#include <string>
#include <vector>

#include "connectors/select/sql_select.h"
#include "connectors/sqlite/database.h"
#include "planner/catalog/catalog.h"
#include "planner/catalog/node_config.h"

namespace care::connectors {

// By position in Catalog::tables; entries of other parties' tables stay empty.
absl::StatusOr<std::vector<PhysicalTable>> ReadSchema(SqliteDatabase& database, const planner::Catalog& catalog,
                                                      PartyId party, const planner::NodeConfig& config);

}  // namespace care::connectors
