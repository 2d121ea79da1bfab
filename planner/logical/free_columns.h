// planner/logical/free_columns.h
//
// Correlation, seen from a subtree: the columns that it reads and does not yield itself, which are those of the query
// around it. And a copy of a subtree under new ids, since a plan that needs the same rows twice must still name each
// column once.
#pragma once

#include <functional>
#include <set>
#include <utility>
#include <vector>

#include "planner/logical/logical_plan.h"

namespace care::planner {

std::set<ColumnId> FreeColumns(const LogicalNode& node);
// Of the expression: its columns and the free columns of its subqueries.
std::set<ColumnId> ColumnsWithSubqueries(const ExpressionPtr& expression);
bool HasSubquery(const ExpressionPtr& expression);

// What the node and those below it read of their children, down to where `stops`: such a node's own reads do not count.
void CollectReads(const LogicalPtr& node, const std::function<bool(const LogicalNode&)>& stops, std::set<ColumnId>& read);

struct RenamedCopy {
  LogicalPtr node;
  std::vector<std::pair<ColumnId, ColumnId>> renamed;  // every column that the subtree defines: old and new
  ColumnId Of(ColumnId column) const;                  // the column itself if it was not renamed
};
// New columns are added to `plan`; free columns stay as they are.
RenamedCopy CopyRenamed(const LogicalPtr& node, LogicalPlan& plan);

}  // namespace care::planner
