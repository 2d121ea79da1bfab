// planner/physical/divide_values.h
//
// Quotients and rounding of shared numbers inside a circuit (value_circuits.h), as PostgreSQL has them: integers divided toward zero, a
// remainder with the sign of the dividend, ROUND half away from zero. A divisor that is one public number costs little
// (mpc/circuit/divide_circuits.h); where it is another in each row, a long division.
#pragma once

#include "absl/status/statusor.h"
#include "planner/physical/value_circuits.h"

namespace care::planner {

enum class Rounding : std::uint8_t { kDown, kUp, kToZero, kHalfAwayFromZero };

// The stored integers divided, at scale 0: InvalidArgument where the ranges leave 63 bits. Anything where b is 0.
absl::StatusOr<CircuitValue> QuotientOf(mpc::BooleanCircuit& circuit, const CircuitValue& a, const CircuitValue& b, Rounding rounding,
                                        mpc::CompareDepth depth);
// a - b * (a / b, to zero), for numbers of one scale.
absl::StatusOr<CircuitValue> RemainderOf(mpc::BooleanCircuit& circuit, const CircuitValue& a, const CircuitValue& b,
                                         mpc::CompareDepth depth);
// The value with `scale` digits after the point; of a negative scale, with as many zeroes before it, and scale 0.
absl::StatusOr<CircuitValue> RoundedTo(mpc::BooleanCircuit& circuit, const CircuitValue& a, int scale, Rounding rounding,
                                       mpc::CompareDepth depth);
// a / b of numerics, rounded to `scale` digits. PostgreSQL rounds the quotient to some 16 digits first: InvalidArgument where ranges do not
// prove that it makes no difference.
absl::StatusOr<CircuitValue> RoundedQuotientOf(mpc::BooleanCircuit& circuit, const CircuitValue& a, const CircuitValue& b, int scale,
                                               Rounding rounding, mpc::CompareDepth depth);

}  // namespace care::planner
