// planner/logical/whole_bound.h
//
// A whole number that no value of an expression exceeds, quotients and averages included: they have no range as a stored integer,
// since their digits follow from their values, but what rounds them has one again.
#pragma once

#include <optional>
#include <vector>

#include "engine/types/decimal.h"
#include "planner/logical/logical_plan.h"

namespace care::planner {

// Of the magnitude of a number; nothing where declared ranges do not bound it by 62 bits.
std::optional<Int128> WholeBound(const ExpressionPtr& expression, const std::vector<ColumnInfo>& columns);

}  // namespace care::planner
