// engine/exec/local/scalar.h
//
// Evaluates a bound expression for one row, as PostgreSQL would: for what stands above the release (ratios,
// ROUND, HAVING over the recipient's few groups) and for the row expressions that have no column form.
//
// Numerics keep the scale that PostgreSQL gives them (a quotient's digits, a product's), whatever scale the
// expression's type would be stored at; only a CAST to numeric(p,s) rounds.
#pragma once

#include <functional>
#include <string>

#include "absl/status/statusor.h"
#include "engine/types/value.h"
#include "planner/logical/expression.h"

namespace care::engine {

using ColumnLookup = std::function<absl::StatusOr<Value>(planner::ColumnId)>;

absl::StatusOr<Value> EvaluateScalar(const planner::ExpressionPtr& expression, const ColumnLookup& lookup);

// -1, 0 or 1 for two values of comparable types, neither NULL: numbers by value, text by bytes (collation "C"),
// false before true. Values that do not compare are a CHECK.
int CompareValues(const Value& a, const Value& b);

}  // namespace care::engine
