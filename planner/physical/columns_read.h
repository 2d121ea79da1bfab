// planner/physical/columns_read.h
//
// Which columns the rest of a plan still reads. A table's operators move all columns of its rows, and every plane that
// moves costs bytes, so a join or a sort leaves behind what nobody will ask for. A ColumnId keeps its meaning wherever it
// travels, so that it is enough to look at who comes later, whatever table they read it from.
#pragma once

#include <set>

#include "planner/physical/physical_plan.h"

namespace care::planner {

// By this node, of its inputs.
std::set<ColumnId> ColumnsReadBy(const PhysicalNode& node);
// By table nodes after `node`.
std::set<ColumnId> ColumnsReadAfter(const PhysicalPlan& plan, NodeId node);

}  // namespace care::planner
