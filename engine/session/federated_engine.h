// engine/session/federated_engine.h
//
// The real QueryEngine of a node: the planner over its copy of the federation file, its connector, three-party
// replicated sharing and the executor.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "engine/session/query_engine.h"
#include "planner/catalog/catalog.h"
#include "planner/catalog/node_config.h"

namespace care::engine {

// Both arguments must outlive the engine.
absl::StatusOr<std::unique_ptr<QueryEngine>> MakeFederatedEngine(const planner::Catalog& catalog,
                                                                 const planner::NodeConfig& config);

// For an administrator: whether the party's database can be reached (the status) and, of each of its tables, what
// the node file's mapping misses in it. Reads no rows; connectors::CheckData does.
struct TableCheck {
  std::string table;
  absl::Status status;
};
absl::StatusOr<std::vector<TableCheck>> CheckTables(const planner::Catalog& catalog, const planner::NodeConfig& config);

}  // namespace care::engine
