// planner/physical/share_orders.h
//
// In which order an owner puts its rows into their slots. Nobody else can tell, so the order is free to choose: rows of one
// lookup key one behind the other need not be moved there by a joint step. Of several operators that would like an order, the
// one that would move most gets its own.
#pragma once

#include <optional>
#include <set>
#include <vector>

#include "planner/physical/physical_plan.h"

namespace care::planner {

// Whether slots of rows that agree on all the columns are neighbours.
bool StandsBy(const PhysicalPlan& plan, NodeId node, const std::vector<ColumnId>& columns);

std::vector<ColumnId> LeftKeys(const JoinTablesNode& join);

// Whether no two rows in the left's slots have one key.
bool LeftKeysAreDistinct(const PhysicalPlan& plan, const JoinTablesNode& join);

// Sets order_by of every ShareTable; after ChooseForms.
void OrderShares(PhysicalPlan& plan);

}  // namespace care::planner
