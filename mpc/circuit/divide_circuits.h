// mpc/circuit/divide_circuits.h
//
// Quotients of unsigned integers, rounded down, bits least significant first.
//
//   by a public divisor    a multiplication by its reciprocal: the least m and s for which (a * m) >> s is the quotient for every a that
//                          occurs (Granlund and Montgomery, PLDI 1994). The multiples of `a` are added by carry-save adders and one
//                          sum at the end, so rounds are few whatever the divisor is.
//   by a shared divisor    restoring division: for each bit of the quotient a comparison and a choice, one after the other.
//
// Constants among the bits fold away (boolean_circuit.h).
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "mpc/circuit/boolean_circuit.h"
#include "mpc/circuit/compare_circuits.h"

namespace care::mpc {

// a / divisor for a <= most, in bit_width(most / divisor) bits. Less than 2^63; divisor > 0.
std::vector<BooleanCircuit::Bit> QuotientByPublic(BooleanCircuit& circuit, std::span<const BooleanCircuit::Bit> a, std::uint64_t most,
                                                  std::uint64_t divisor, CompareDepth depth);

struct QuotientBits {
  std::vector<BooleanCircuit::Bit> quotient;   // of the width that was asked for
  std::vector<BooleanCircuit::Bit> remainder;  // as many bits as b
};
// a / b, which must be less than 2^quotient_width, and a % b; anything where b is 0.
QuotientBits Divide(BooleanCircuit& circuit, std::span<const BooleanCircuit::Bit> a, std::span<const BooleanCircuit::Bit> b,
                    unsigned quotient_width, CompareDepth depth);

// Whole circuits. Inputs: the bits of a, then of b (if it is not public).
BooleanCircuit QuotientByPublicCircuit(unsigned width, std::uint64_t divisor, CompareDepth depth);
// Outputs the quotient's bits, then the remainder's.
BooleanCircuit DivideCircuit(unsigned width, unsigned divisor_width, CompareDepth depth);

}  // namespace care::mpc
