// planner/logical/print_expression.h
//
// Expressions as printed plans have them: columns as name#id, functions as SQL spells them, an operator below another in
// parentheses. PrintExpression itself is declared beside PrintLogicalPlan (logical_plan.h).
#pragma once

#include <string>
#include <vector>

#include "planner/logical/logical_plan.h"

namespace care::planner {

// "age#3"; "?#3" of a column that `columns` lacks.
std::string PrintColumn(ColumnId column, const std::vector<ColumnInfo>& columns);

}  // namespace care::planner
