// mpc/circuit/compare_circuits.h
//
// Equality and order of unsigned integers, bits least significant first. Order comes in three depths, because
// a round is cheap between machines of one rack and dear between cities:
//
//   kRipple   w ANDs in w rounds: the borrow of a - b, from the lowest bit
//   kBlock4   about 2.25 w ANDs in 4 + ceil(log2(w / 4)) rounds: ripples in blocks of four bits, then a tree
//   kTree     about 3 w ANDs in 1 + ceil(log2 w) rounds (carry-lookahead; Garay, Schoenmakers, Villegas, PKC
//   2007)
//
// Constants among the bits fold away (boolean_circuit.h), which makes comparisons with public values cheaper.
#pragma once

#include <cstdint>
#include <span>

#include "mpc/circuit/boolean_circuit.h"

namespace care::mpc {

enum class CompareDepth : std::uint8_t { kRipple, kBlock4, kTree };

// a == b, by w - 1 ANDs in ceil(log2 w) rounds; 1 at width 0. Equal widths.
BooleanCircuit::Bit Equals(BooleanCircuit& circuit, std::span<const BooleanCircuit::Bit> a,
                           std::span<const BooleanCircuit::Bit> b);
// a < b; 0 at width 0. Equal widths.
BooleanCircuit::Bit Less(BooleanCircuit& circuit, std::span<const BooleanCircuit::Bit> a,
                         std::span<const BooleanCircuit::Bit> b, CompareDepth depth);

// Whole circuits. Inputs: the bits of a, then the bits of b (if it is not public). One output.
BooleanCircuit EqualCircuit(unsigned width);
BooleanCircuit LessThanCircuit(unsigned width, CompareDepth depth);
// a < constant, which may exceed the width.
BooleanCircuit LessThanPublicCircuit(unsigned width, std::uint64_t constant, CompareDepth depth);

// One output a constant, in order: a == constant; false for one that exceeds the width. A part of the bits that is the same in several
// constants is compared once, so that all constants of w bits take little more than an AND each. Rounds: ceil(log2 w).
BooleanCircuit OneHotCircuit(unsigned width, std::span<const std::uint64_t> constants);

}  // namespace care::mpc
