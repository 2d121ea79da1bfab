// engine/exec/local/expression_evaluator.h
//
// Evaluates bound expressions over columns in memory, as PostgreSQL would: three-valued logic, exact numbers,
// calendar months, collation "C". Comparisons, + - *, logic and date arithmetic run column by column; the rest
// falls back on scalar.h row by row, which is slower and says the same.
//
// A result is stored at its type's scale. Overflow of a type, a numeric that 64 bits do not hold, and division
// by zero are errors that carry no value: the planner admits only row expressions that cannot raise, so an
// error here means that a declared range was wrong.
#pragma once

#include <cstdint>
#include <vector>

#include "absl/status/statusor.h"
#include "engine/types/column_batch.h"
#include "planner/logical/expression.h"

namespace care::engine {

// Columns of `input` are named connectors::ColumnName(id). The result has no name.
absl::StatusOr<Column> EvaluateExpression(const planner::ExpressionPtr& expression, const ColumnBatch& input);

// 1 where the predicate is true, 0 where it is false or unknown.
absl::StatusOr<std::vector<std::uint8_t>> EvaluatePredicate(const planner::ExpressionPtr& predicate,
                                                            const ColumnBatch& input);

}  // namespace care::engine
