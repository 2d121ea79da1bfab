// planner/rules/decompose_calls.h
//
// What an aggregate's calls are made of: AVG, VAR_*, STDDEV_*, COVAR_*, CORR and REGR_* of sums and counts, finished by a
// function of those above. For rules that add up parts of groups: table_rules.h, and the totals of grouping sets.
#pragma once

#include <vector>

#include "planner/logical/logical_plan.h"

namespace care::planner {

struct Decomposed {
  AggregateNode sums;                  // the same groups
  std::vector<NamedExpression> above;  // what the aggregate yielded, in its order, of what the sums yield
  bool any = false;                    // false: the calls stand as they were
};

// New columns are added to `plan`. DISTINCT averages keep their DISTINCT; a DISTINCT variance stays as it is. `interpolates`:
// PERCENTILE_CONT yields a NUMERIC, exactly, and its double precision is made above.
Decomposed DecomposeCalls(const AggregateNode& aggregate, LogicalPlan& plan, bool interpolates);

}  // namespace care::planner
