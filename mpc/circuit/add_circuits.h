// mpc/circuit/add_circuits.h
//
// Sums of integers modulo 2^w, bits least significant first, and the number of ones among many bits. By depth
// (a round is cheap between machines of one rack and dear between cities):
//
//   kRipple          w - 1 ANDs in w - 1 rounds: one a carry
//   kTree, kBlock4   a prefix adder (Sklansky's: as few rounds as any, half the gates of Kogge and Stone's):
//                    1 + ceil(log2(w - 1)) rounds, w - 1 ANDs and one or two a position and level
//
// Constants among the bits fold away (boolean_circuit.h).
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "mpc/circuit/boolean_circuit.h"
#include "mpc/circuit/compare_circuits.h"

namespace care::mpc {

// Equal widths; the carry out of the top bit is dropped.
std::vector<BooleanCircuit::Bit> Sum(BooleanCircuit& circuit, std::span<const BooleanCircuit::Bit> a,
                                     std::span<const BooleanCircuit::Bit> b, CompareDepth depth);
std::vector<BooleanCircuit::Bit> Difference(BooleanCircuit& circuit, std::span<const BooleanCircuit::Bit> a,
                                            std::span<const BooleanCircuit::Bit> b, CompareDepth depth);
// a * factor: one sum or difference for each digit of the factor in non-adjacent form but the first.
std::vector<BooleanCircuit::Bit> ProductWithPublic(BooleanCircuit& circuit,
                                                   std::span<const BooleanCircuit::Bit> a,
                                                   std::uint64_t factor, CompareDepth depth);
// How many of the bits are one, in bit_width(count) bits: fewer ANDs than bits, by carry-save adders (three
// bits of one weight become one and a carry), in about log_1.5 of their number rounds.
std::vector<BooleanCircuit::Bit> CountOnes(BooleanCircuit& circuit,
                                           std::span<const BooleanCircuit::Bit> bits);

// Whole circuits. Inputs: the bits of a, then of b (if it is not public); outputs w bits.
BooleanCircuit AddCircuit(unsigned width, CompareDepth depth);
BooleanCircuit SubtractCircuit(unsigned width, CompareDepth depth);
// a - b modulo 2^width where a has only its low `left_width` bits.
BooleanCircuit WideSubtractCircuit(unsigned left_width, unsigned width, CompareDepth depth);
BooleanCircuit MultiplyPublicCircuit(unsigned width, std::uint64_t factor, CompareDepth depth);
BooleanCircuit CountOnesCircuit(unsigned inputs);

}  // namespace care::mpc
