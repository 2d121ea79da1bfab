// planner/physical/value_circuits.h
//
// Values of shared columns (shared_value.h) inside a Boolean circuit: how they are compared, brought to another shape and
// computed with, bit by bit. The executor runs such circuits and table_cost.h prices the same ones.
//
// Numbers travel as an unsigned offset from the least value that is publicly possible. A range says what is possible, so
// sums modulo 2^width are exact and no carry is lost; where a value is NULL its bits mean nothing until they are masked.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "engine/types/decimal.h"
#include "mpc/circuit/boolean_circuit.h"
#include "mpc/circuit/compare_circuits.h"
#include "planner/physical/shared_value.h"

namespace care::planner {

using CircuitBit = mpc::BooleanCircuit::Bit;
using CircuitBits = std::vector<CircuitBit>;

// A value in every row. `shape.nullable` is not used here: `known` says where there is a value.
struct CircuitValue {
  SharedValueShape shape;
  Int128 high = 0;  // kInteger: the greatest value; shape.base is the least
  int scale = 0;    // kInteger: digits after the point
  CircuitBits bits;
  CircuitBit known = mpc::BooleanCircuit::Constant(true);
  bool zero_where_null = false;
};

// What stands for a text of unknown length (ValueKind::kHash): its first bytes are the most significant.
std::string HashOfText(std::string_view text);

unsigned WidthOfSpan(Int128 low, Int128 high);
CircuitBits ConstantBits(UInt128 value, unsigned width);

// A number that lies in [low, high]: InvalidArgument where these leave 63 bits.
absl::StatusOr<CircuitValue> NumberOfRange(Int128 low, Int128 high, int scale);

// The smallest shape that holds the values of both; see engine/exec/tables/value_forms.h.
absl::StatusOr<SharedValueShape> CommonShape(const SharedValueShape& a, const SharedValueShape& b);
// The bits of a value under another shape that holds it.
absl::StatusOr<CircuitBits> ReshapeBits(mpc::BooleanCircuit& circuit, const CircuitBits& bits, const SharedValueShape& from,
                                        const SharedValueShape& target, mpc::CompareDepth depth);

// value < threshold, for numbers.
CircuitBit BelowPublic(mpc::BooleanCircuit& circuit, const CircuitValue& value, Int128 threshold, mpc::CompareDepth depth);
// The bits of table[i] where the value of the bits is i; positions past the table's end never occur. Two equal halves cost
// nothing, so a table of few steps is cheap however long it is.
CircuitBits LookUpPublic(mpc::BooleanCircuit& circuit, const CircuitBits& index, std::span<const std::vector<bool>> table);

CircuitBit Either(mpc::BooleanCircuit& circuit, CircuitBit a, CircuitBit b);
// `when_set` where `flag` is 1, else `otherwise`; equal widths.
CircuitBits SelectBits(mpc::BooleanCircuit& circuit, CircuitBit flag, const CircuitBits& when_set,
                       const CircuitBits& otherwise);

// Numbers of one scale.
absl::StatusOr<CircuitValue> SumOf(mpc::BooleanCircuit& circuit, const CircuitValue& a, const CircuitValue& b,
                                   mpc::CompareDepth depth);
absl::StatusOr<CircuitValue> NegativeOf(const CircuitValue& a);
absl::StatusOr<CircuitValue> MagnitudeOf(mpc::BooleanCircuit& circuit, const CircuitValue& a, mpc::CompareDepth depth);
// The scales add up.
// The value and a public number; only what the bits stand for changes.
absl::StatusOr<CircuitValue> MovedBy(const CircuitValue& a, Int128 distance);
absl::StatusOr<CircuitValue> ProductOf(mpc::BooleanCircuit& circuit, const CircuitValue& a, const CircuitValue& b,
                                       mpc::CompareDepth depth);
absl::StatusOr<CircuitValue> TimesPublic(mpc::BooleanCircuit& circuit, const CircuitValue& a, std::int64_t factor,
                                         mpc::CompareDepth depth);
// The same value with more digits after the point.
absl::StatusOr<CircuitValue> AtScale(mpc::BooleanCircuit& circuit, const CircuitValue& a, int scale,
                                     mpc::CompareDepth depth);

}  // namespace care::planner
