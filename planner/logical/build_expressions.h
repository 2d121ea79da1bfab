// planner/logical/build_expressions.h
//
// Small expressions that placement writes again and again: products of multiplicities, CASE with one branch,
// NULL tests.
#pragma once

#include <optional>
#include <vector>

#include "planner/logical/expression.h"

namespace care::planner {

bool Contains(const std::vector<ColumnId>& columns, ColumnId column);

ExpressionPtr CountLiteral(std::int64_t value);                                   // a bigint
ExpressionPtr WholeNumber(std::int64_t value, sql::SourcePosition position);      // a numeric
ExpressionPtr CastOf(ExpressionPtr operand, const DataType& type);                // at its operand's position; itself where it is of the type
ExpressionPtr Product(std::vector<ExpressionPtr> factors, const DataType& type);  // null if there are none
// CASE WHEN condition THEN result ELSE otherwise END; NULL where `otherwise` is null.
ExpressionPtr When(ExpressionPtr condition, ExpressionPtr result, ExpressionPtr otherwise);
ExpressionPtr NotNull(const ExpressionPtr& expression);
bool IsNullLiteral(const ExpressionPtr& expression);
bool SameOrNull(const ExpressionPtr& a, const ExpressionPtr& b);  // both null, or the same

// b < a for a > b, and so on; nothing of what is no comparison.
std::optional<Function> Mirrored(Function comparison);

// NULL in, NULL out: may be computed before an outer join fills in its NULLs.
bool IsStrict(const ExpressionPtr& expression);
bool IsStrict(Function function);  // NULL as soon as one argument is

}  // namespace care::planner
