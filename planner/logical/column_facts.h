// planner/logical/column_facts.h
//
// What is publicly known of an expression's values, from what is known of its columns: type, whether it can
// be NULL, the range of the stored integer, the domain of a text. Interval arithmetic in 128 bits; a range
// that 64 bits do not hold is dropped, never clipped.
#pragma once

#include <vector>

#include "planner/logical/logical_plan.h"

namespace care::planner {

// The name is left empty.
ColumnInfo FactsOf(const ExpressionPtr& expression, const std::vector<ColumnInfo>& columns);

}  // namespace care::planner
