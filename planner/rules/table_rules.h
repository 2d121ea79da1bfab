// planner/rules/table_rules.h
//
// Rewrites for the general placement (physical/table_placement.h): they decide who computes what and how many slots the joint
// part needs, so they look at owners and at declared bounds. One a file, run once each in the order below; none changes an
// answer. A column that a rule adds is added to the plan's list; columns that stand keep their ids and their meaning.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "planner/catalog/catalog.h"
#include "planner/logical/logical_plan.h"

namespace care::planner {

// What rules call the columns that they make of parts of expressions.
inline constexpr std::string_view kUnnamedPart = "part";

struct TableRuleOptions {
  bool all_secret = false;  // nothing is computed at owners but what the joint part cannot
  unsigned join_order = 0;  // the orders that bounds speak for, from the best: which
};

// AVG (as a window too), VAR_*, STDDEV_*, COVAR_*, CORR and REGR_* become sums and counts, finished by a function of those above (above the
// Release, of released ones). DISTINCT ones keep their DISTINCT; a variance of distinct
// values is that of their distances from the declared least one, and stays where none is declared.
// PERCENTILE_CONT that is released, or of several owners' rows, becomes an exact decimal that is made double precision above.
LogicalPtr DecomposeAggregates(const LogicalPtr& node, LogicalPlan& plan, const Catalog& catalog);

// Averages, variances, deviations and quotients that a subquery yields are computed where they are compared, of sums, counts and
// columns that come up in their place: their digits depend on their values, so no table can carry them.
LogicalPtr PullUpAverages(const LogicalPtr& node, const LogicalPlan& plan);

// x < 0.2 * AVG(y) becomes x * COUNT(y) < 0.2 * SUM(y) where declared ranges prove that PostgreSQL's rounding of the average cannot
// tell the two apart.
LogicalPtr CompareAverages(const LogicalPtr& node, const LogicalPlan& plan, const Catalog& catalog);

// Numbered rows joined with the same rows by number + 1, in one partition: what LEAD gives beside each row, so that the rows are
// sorted once and not joined.
LogicalPtr JoinAdjacentRows(const LogicalPtr& node, LogicalPlan& plan, const Catalog& catalog);

// Whether a row has a match that is later than x (d.day <= m.day) is whether the latest match of its key is: a join of each row with
// all its matches becomes one with one row a key. For semi-joins, and for inner joins of whose matches nothing is read but that there
// are some.
LogicalPtr MatchExtremes(const LogicalPtr& node, LogicalPlan& plan, const Catalog& catalog);

// Inner joins in the order that needs the fewest joint slots: tables of one owner first, then one owner's part after the other,
// each where its key is; options.join_order asks for the next best ones. Semi- and anti-joins go to where their columns are, to the owner of what they ask if it can tell.
LogicalPtr OrderJoins(const LogicalPtr& node, LogicalPlan& plan, const Catalog& catalog, const TableRuleOptions& options);

// GROUP BY name over rows that look the name up by a key: the rows are grouped by the key first, and their few groups joined with the
// names, so that wide columns neither travel with every row nor are sorted by. Where several keys share a name their groups are added up.
LogicalPtr JoinAfterGroups(const LogicalPtr& node, LogicalPlan& plan, const Catalog& catalog, const TableRuleOptions& options);

// GROUP BY over a join: what one owner's rows contribute is added up at that owner for each value of the columns that others
// need of it (eager aggregation: Yan and Larson, VLDB 1995).
LogicalPtr AggregateEarly(const LogicalPtr& node, LogicalPlan& plan, const Catalog& catalog, const TableRuleOptions& options);

// What makes one value of a call's values over parts of the rows; nothing where that takes the rows themselves.
std::optional<AggregateFunction> Merges(const AggregateCall& call);

// An aggregate whose groups are single rows is a projection.
LogicalPtr DropSingleRowGroups(const LogicalPtr& node, LogicalPlan& plan, const Catalog& catalog);
// What the calls of an aggregate yield over a group of one row.
std::vector<NamedExpression> CallsOfOneRow(const AggregateNode& aggregate);

// Parts of expressions over several owners' columns that one owner can compute become columns of its own.
LogicalPtr ComputeAtOwner(const LogicalPtr& node, LogicalPlan& plan, const Catalog& catalog, const TableRuleOptions& options);

// Whether a subtree is one that its owner gives as it is: its tables alone, and in all-secret mode a bare table with what is deposited
// beside its columns.
bool IsOwnersPart(const LogicalNode& node, const Catalog& catalog, bool all_secret);

}  // namespace care::planner
