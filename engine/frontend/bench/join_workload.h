// engine/frontend/bench/join_workload.h
//
// The yardstick of joins: two tables of as many rows, half of whose keys meet, one SUM of the other owner's
// column by a group column of eight values. It runs as any query does, planned and executed, over tables in
// memory, so that no database is measured with it.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>

#include "connectors/connector.h"
#include "planner/catalog/catalog.h"
#include "planner/logical/logical_plan.h"

namespace care::engine {

inline constexpr const char* kJoinSql =
    "SELECT s.part, SUM(a.amount) AS total FROM spine.items s JOIN arm.items a ON a.id = s.id "
    "GROUP BY s.part ORDER BY s.part";

// Parties spine, arm and helper, in these roles.
std::string JoinFederation(std::uint64_t rows);

// Serves `party`'s table. Building the rows is done here, not in Run.
std::unique_ptr<connectors::Connector> MakeJoinTable(const planner::Catalog& catalog, PartyId party,
                                                     std::uint64_t rows);

// The answer, computed in the clear: the total of each part.
std::map<std::string, std::int64_t> JoinAnswer(std::uint64_t rows);

}  // namespace care::engine
