// planner/logical/fold_expression.h
//
// What of an expression is known while planning: constant parts as the values that they have. The binder asks for it where
// a clause takes a constant only (LIMIT 1 + 1, a percentile's fraction); the rule that folds whole plans is
// rules/fold_constants.cc.
#pragma once

#include <optional>

#include "planner/logical/expression.h"

namespace care::planner {

// Constant parts folded, types kept: 1 + 1, DATE '2020-01-31' + INTERVAL '1 month', x AND TRUE.
ExpressionPtr FoldExpression(const ExpressionPtr& expression);

// The value of an expression that reads nothing, quotients, casts and texts put together included; nothing if it is not constant
// or cannot be computed.
std::optional<Value> ConstantOf(const ExpressionPtr& expression);

}  // namespace care::planner
