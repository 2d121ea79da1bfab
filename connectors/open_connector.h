// connectors/open_connector.h
//
// The connector of the kind of database that a node file names.
#pragma once

#include <memory>
#include <vector>

#include "absl/status/statusor.h"
#include "connectors/connector.h"
#include "planner/catalog/catalog.h"
#include "planner/catalog/node_config.h"

namespace care::connectors {

// `catalog` must outlive the connector; `columns` are the plan's, by ColumnId.
absl::StatusOr<std::unique_ptr<Connector>> OpenConnector(const planner::Catalog& catalog, PartyId party,
                                                         const planner::NodeConfig& config,
                                                         std::vector<planner::ColumnInfo> columns);

}  // namespace care::connectors
