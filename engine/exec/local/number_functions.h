// engine/exec/local/number_functions.h
//
// PostgreSQL's arithmetic on single values: integers that fail on overflow, numerics that keep its scales,
// casts and rounding half away from zero. An error names the rule and never carries the value.
#pragma once

#include "absl/status/statusor.h"
#include "engine/types/data_type.h"
#include "engine/types/value.h"
#include "planner/logical/expression.h"

namespace care::engine {

// + - * / % of two numbers, neither NULL: integers if the result's type is one, else numerics.
absl::StatusOr<Value> Arithmetic(planner::Function function, const Value& left, const Value& right,
                                 const DataType& result);
absl::StatusOr<Value> Negate(const Value& value, const DataType& result);
absl::StatusOr<Value> Absolute(const Value& value, const DataType& result);
// ROUND(value, digits); digits may be negative.
absl::StatusOr<Value> Round(const Value& value, std::int64_t digits, const DataType& result);
absl::StatusOr<Value> FloorOrCeil(const Value& value, bool floor, const DataType& result);

// CAST of a value that is not NULL. numeric(p,s) rounds to s digits; plain numeric keeps the value's scale.
absl::StatusOr<Value> CastValue(const Value& value, const DataType& to);

Decimal AsDecimal(const Value& number);  // of an integer or numeric; anything else is a CHECK
// The value as its type says, if it fits: OutOfRange "integer out of range".
absl::StatusOr<Value> CheckedInteger(Int128 value, const DataType& type);

}  // namespace care::engine
