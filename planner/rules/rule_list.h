// planner/rules/rule_list.h
//
// The rules, one a file. Each takes a tree and yields the rewritten one, or the very same pointer where
// nothing was to do: that is how the fixpoint is seen.
#pragma once

#include <set>
#include <string_view>

#include "absl/status/statusor.h"
#include "planner/catalog/catalog.h"
#include "planner/logical/logical_plan.h"

namespace care::planner {

// ROLLUP, CUBE and GROUPING SETS become aggregates, once and first: below a release, and above it only what adds up. Unimplemented
// where parts and totals of persons would have to open beside each other.
absl::StatusOr<LogicalPtr> ExpandGroupingSets(const LogicalPtr& node, LogicalPlan& plan, const Catalog& catalog, std::string_view sql);
// Evaluates what is constant: 1 + 1, DATE '2020-01-31' + INTERVAL '1 month', x AND TRUE.
LogicalPtr FoldConstants(const LogicalPtr& node);
// What all branches of an OR ask for is asked once, beside it: an equality of two owners' columns joins them.
LogicalPtr FactorDisjunctions(const LogicalPtr& node);
// LEFT JOIN becomes INNER where what is above never accepts a row without a match.
LogicalPtr SimplifyOuterJoin(const LogicalPtr& node);
// Filters go to where the fewest rows see them: to one side of a join, into the join's condition, below a
// projection, below an aggregate if they ask of its groups only.
LogicalPtr PushDownFilter(const LogicalPtr& node);
// Projections of projections become one; those that compute nothing go.
LogicalPtr MergeProjections(const LogicalPtr& node);
// Columns that nobody reads are not fetched, computed or summed. A scan keeps its table's subject, since the
// release gate counts persons.
LogicalPtr PruneColumns(const LogicalPtr& node, const std::set<ColumnId>& required, const Catalog& catalog);

}  // namespace care::planner
