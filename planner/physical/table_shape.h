// planner/physical/table_shape.h
//
// What follows of a plan over shared tables from its nodes alone: how many slots a table has, and who knows which of its rows
// stands in which slot. The executor, the prices and EXPLAIN ask here.
#pragma once

#include <cstdint>
#include <set>
#include <vector>

#include "planner/physical/physical_plan.h"

namespace care::planner {

bool IsTableNode(const PhysicalNode& node);

// Slots of the table that the node yields, each time it runs; of an OpenTable those of its input.
std::uint64_t SlotsOf(const PhysicalPlan& plan, NodeId node);
std::uint64_t SlotsOf(const PhysicalPlan& plan, const ShareTableNode& share);

// How often the node runs: once for each partition of the rows that it reads.
std::uint32_t RunsOf(const PhysicalPlan& plan, NodeId node);

// The nodes that run in partitions and that the gather ends, in order.
std::set<NodeId> NodesWithin(const PhysicalPlan& plan, const GatherPartitionsNode& gather);

// The nodes in the order in which they run: those that run in partitions just before the GatherPartitions that ends them.
std::vector<NodeId> OrderOfRuns(const PhysicalPlan& plan);

// The party that knows the order of the table's rows; kNoParty if none does.
PartyId OrderOf(const PhysicalPlan& plan, NodeId node);

// The owners that do not compute and whose rows the plan reads, by id.
std::vector<PartyId> OutsideOwners(const PhysicalPlan& plan);

// The tables that a node reads, in order; of a LocalNode and of a star's nodes none.
std::vector<NodeId> TablesRead(const PhysicalNode& node);

// Whether a ShareTable is read by private lookups alone, as what they look up: then its columns are no input of their own.
bool IsLookedUpOnly(const PhysicalPlan& plan, NodeId share);

}  // namespace care::planner
