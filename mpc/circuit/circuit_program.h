// mpc/circuit/circuit_program.h
//
// A Boolean circuit as steps on planes of bits, a round at a time, with a register for each value only while
// it is needed. A chunk of rows takes the whole circuit in a few planes of working memory, which stay in the
// caches.
//
// Registers are of two kinds: a value that a later round needs is `kept` with its chunk, of which several are
// under way at once; one that is used up in its own round lies in `scratch`, which all chunks share. The
// products of one round have adjacent kept registers, so that they are one message where they lie.
#pragma once

#include <cstdint>
#include <vector>

#include "mpc/circuit/boolean_circuit.h"

namespace care::mpc {

struct PlaneLocation {
  enum class Bank : std::uint8_t { kNone, kInput, kKept, kScratch };
  Bank bank = Bank::kNone;
  std::uint32_t index = 0;
};

struct CircuitStep {
  bool is_and = false;
  bool inverted = false;    // of an XOR: out = a ^ b ^ 1
  PlaneLocation out, a, b;  // `b` of an XOR may be nothing
};

struct CircuitRound {
  std::vector<CircuitStep> steps;   // in this order; an AND's result is there only after the round
  std::uint32_t first_product = 0;  // kept register of the first AND, in the order of the steps
  std::uint32_t products = 0;
};

struct CircuitOutput {
  PlaneLocation from;     // nothing: a constant
  bool inverted = false;  // the constant, or whether to invert
};

struct CircuitProgram {
  explicit CircuitProgram(const BooleanCircuit& circuit);

  std::vector<CircuitRound> rounds;
  std::vector<CircuitStep> last_steps;  // what outputs need after the last round
  std::vector<CircuitOutput> outputs;
  std::uint32_t kept_planes = 0;
  std::uint32_t scratch_planes = 0;
};

}  // namespace care::mpc
