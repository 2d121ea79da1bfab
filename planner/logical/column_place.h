// planner/logical/column_place.h
//
// Where in the statement a column of a plan was written, for refusals that find out about a column only.
#pragma once

#include "planner/logical/logical_plan.h"

namespace care::planner {

// Of the expression that defines it, else of the first that reads it; the statement's start where neither is known.
sql::SourcePosition PlaceOf(const LogicalNode& node, ColumnId column);

}  // namespace care::planner
