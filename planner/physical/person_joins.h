// planner/physical/person_joins.h
//
// A row of a joined table must speak of one person, or counting persons protects nobody: in
// `SELECT SUM(b.cost) FROM patients a CROSS JOIN patients b WHERE <b is one person>` thousands of persons a
// stand behind one person's cost. So wherever two tables of persons meet, in whatever kind of join and at
// whatever depth, their subject columns must be equated. Public tables join as they like.
#pragma once

#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "planner/logical/logical_plan.h"

namespace care::planner {

// InvalidArgument, with what to add, if some join or window below `node` puts two persons into one row.
absl::Status CheckPersonJoins(const LogicalNode& node, const std::vector<ColumnInfo>& columns, const Catalog& catalog,
                              std::string_view sql);

}  // namespace care::planner
