// planner/logical/type_rules.h
//
// PostgreSQL's rules for types, as far as the dialect reaches: what a literal is, which type two operands
// share, what an operator yields, and which conversions happen unasked. A NUMERIC that results from
// arithmetic has precision 0; its scale is that of the stored integers where the operands decide it, and 0
// for quotients and averages, whose digits are decided by their values.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "planner/logical/expression.h"

namespace care::planner {

// integer or bigint by magnitude; a text literal is kUnknown until its context decides.
DataType TypeOfLiteral(const Value& value);

bool IsMoment(const DataType& type);  // a date or a timestamp

// The type that CASE, COALESCE, comparisons and lists bring both to; none if they share none.
std::optional<DataType> CommonType(const DataType& a, const DataType& b);

// The implicit conversion: retypes literals, widens numbers, keeps columns as they are. The error's message
// lacks a position: "invalid input syntax for type date: \"abc\"".
absl::StatusOr<ExpressionPtr> Coerce(const ExpressionPtr& expression, const DataType& to);

// + - * / % over exact numbers; nothing for other operands.
std::optional<DataType> ArithmeticType(Function function, const DataType& left, const DataType& right);

// What SUM, AVG, MIN ... of an argument yield; nothing if PostgreSQL has no such aggregate.
std::optional<DataType> AggregateType(AggregateFunction function, const DataType& argument);

// Whether CAST from one to the other exists in the dialect at all.
bool CastExists(const DataType& from, const DataType& to);

// A literal of another type, as CAST gives it; nothing where only run time can tell.
absl::StatusOr<std::optional<Value>> CastLiteral(const Value& value, const DataType& to);

// Whether a numeric's digits depend on its value: a quotient that nothing rounds. Such values cannot be
// stored as integers of one scale, so they are neither summed nor grouped.
bool HasOpenScale(const ExpressionPtr& expression);

}  // namespace care::planner
