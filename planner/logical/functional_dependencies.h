// planner/logical/functional_dependencies.h
//
// Which columns follow from which: rows that agree on some columns must agree on others, because a declared key is among them, a
// condition equates them, or they are computed from them. Sorting and grouping then need the determining columns only. NULL counts
// as a value, as in GROUP BY.
#pragma once

#include <set>
#include <vector>

#include "planner/catalog/catalog.h"
#include "planner/logical/logical_plan.h"

namespace care::planner {

// About how many bits a column's values take, to choose the narrower by.
unsigned BitsOf(const ColumnInfo& info);

class FunctionalDependencies {
 public:
  // Both must outlive this.
  FunctionalDependencies(const std::vector<ColumnInfo>& columns, const Catalog& catalog) : columns_(columns), catalog_(catalog) {}

  // The node's output columns that `columns` determine, themselves included.
  std::set<ColumnId> DeterminedBy(const LogicalNode& node, const std::set<ColumnId>& columns) const;

  // Few of the columns that determine all of them, in the given order: the widest are left out where that is possible.
  std::vector<ColumnId> Determining(const LogicalNode& node, const std::vector<ColumnId>& columns) const;

 private:
  std::set<ColumnId> OfJoin(const JoinNode& join, std::set<ColumnId> columns) const;

  const std::vector<ColumnInfo>& columns_;
  const Catalog& catalog_;
};

}  // namespace care::planner
