#include "connectors/open_connector.h"

#include "absl/strings/str_cat.h"
#include "connectors/csv/csv_connector.h"
#include "connectors/postgresql/postgresql_connector.h"
#include "connectors/sqlite/sqlite_connector.h"
#include "engine/types/status_macros.h"

namespace care::connectors {

absl::StatusOr<std::unique_ptr<Connector>> OpenConnector(const planner::Catalog& catalog, PartyId party,
                                                         const planner::NodeConfig& config,
                                                         std::vector<planner::ColumnInfo> columns) {
  std::unique_ptr<Connector> connector;
  if (config.database_kind == "sqlite") {
    CARE_ASSIGN_OR_RETURN(connector, SqliteConnector::Open(catalog, party, config, std::move(columns)));
  } else if (config.database_kind == "csv") {
    CARE_ASSIGN_OR_RETURN(connector, CsvConnector::Open(catalog, party, config, std::move(columns)));
  } else if (config.database_kind == "postgresql") {
    CARE_ASSIGN_OR_RETURN(connector, PostgresqlConnector::Open(catalog, party, config, std::move(columns)));
  } else {
    return absl::InvalidArgumentError(
        absl::StrCat("database kind \"", config.database_kind, "\" is not known; kinds: postgresql, sqlite, csv"));
  }
  return connector;
}

}  // namespace care::connectors
