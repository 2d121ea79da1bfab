// engine/exec/local/float_functions.h
//
// PostgreSQL's functions of double precision and real on single values, none NULL: arithmetic, rounding, roots and logarithms,
// casts from and to exact numbers. They are the processor's and the C library's, as PostgreSQL's are. An error names the rule
// and never carries the value.
#pragma once

#include <vector>

#include "absl/status/statusor.h"
#include "engine/types/data_type.h"
#include "engine/types/decimal.h"
#include "engine/types/value.h"
#include "planner/logical/expression.h"

namespace care::engine {

bool IsFloat(const Value& value);      // of double precision or real
double AsDouble(const Value& number);  // of any number: the nearest

// + - * / of two numbers: of single precision if both are real.
absl::StatusOr<Value> FloatArithmetic(planner::Function function, const Value& left, const Value& right);
Value NegateFloat(const Value& value);
Value AbsoluteFloat(const Value& value);
Value RoundFloat(const Value& value);  // half to even, unlike numeric
Value FloorOrCeilFloat(const Value& value, bool floor);

// kSquareRoot to kLogarithm of doubles.
absl::StatusOr<Value> MathFunction(planner::Function function, const std::vector<Value>& arguments);

// To a number of any type; a numeric has 15 significant digits, of a real 6, and no precision yet.
absl::StatusOr<Value> CastFloat(const Value& value, const DataType& to);
absl::StatusOr<Value> CastToFloat(const Decimal& value, const DataType& to);

}  // namespace care::engine
