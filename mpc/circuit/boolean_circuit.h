// mpc/circuit/boolean_circuit.h
//
// A Boolean circuit over the bits of one row, the same for every row: what comparisons, adders and counters
// are made of. XOR and NOT are free; an AND costs a message of one bit a row, and ANDs that wait for each
// other wait for a round. The protocols evaluate a circuit on whole columns (Protocol::Evaluate) and mpc/cost
// prices it, both from this one description, so that no price can differ from what is paid.
//
// Constants fold: an AND or XOR with a constant makes no gate. Gates that no output needs are not paid for.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace care::mpc {

class BooleanCircuit {
 public:
  // A bit of the row: the value of a gate or input, or its inverse, or a constant.
  struct Bit {
    std::uint32_t gate = kConstant;  // inputs first, then gates in order
    bool inverted = false;           // a constant's value
    friend bool operator==(const Bit&, const Bit&) = default;
  };
  static constexpr std::uint32_t kConstant = UINT32_MAX;

  explicit BooleanCircuit(unsigned inputs) : gates_(inputs) {
    for (unsigned i = 0; i < inputs; ++i) inputs_.push_back({i, false});
  }

  static Bit Constant(bool value) { return {kConstant, value}; }
  static Bit Not(Bit a) { return {a.gate, !a.inverted}; }
  Bit Input(unsigned i) const { return inputs_[i]; }
  std::span<const Bit> Inputs(unsigned first, unsigned count) const {
    return std::span(inputs_).subspan(first, count);
  }
  Bit Xor(Bit a, Bit b);
  Bit And(Bit a, Bit b);
  // `when_set` where `flag` is 1, else `otherwise`: one AND.
  Bit Select(Bit flag, Bit when_set, Bit otherwise) {
    return Xor(otherwise, And(flag, Xor(when_set, otherwise)));
  }
  void Output(Bit bit) { outputs_.push_back(bit); }

  // A gate: a ^ b, a ^ 1 (`b` constant), or a & b. Operands of ANDs are never inverted.
  struct Gate {
    enum class Kind : std::uint8_t { kInput, kXor, kAnd };
    Kind kind = Kind::kInput;
    bool inverted = false;  // of an XOR
    std::uint32_t a = kConstant;
    std::uint32_t b = kConstant;
    std::uint32_t level = 0;  // rounds after which it is known
  };
  unsigned input_count() const { return static_cast<unsigned>(inputs_.size()); }
  const std::vector<Gate>& gates() const { return gates_; }
  const std::vector<Bit>& outputs() const { return outputs_; }
  // Whether an output needs the gate.
  std::vector<bool> Needed() const;
  // The needed ANDs of each round.
  std::vector<unsigned> AndsByRound() const;

 private:
  Bit AddGate(Gate gate);
  // The gate of `bit`, itself not inverted.
  std::uint32_t Upright(Bit bit);

  std::vector<Bit> inputs_;
  std::vector<Gate> gates_;
  std::vector<std::uint32_t> inverse_;  // of each gate, where one was made; else kConstant
  std::vector<Bit> outputs_;
};

}  // namespace care::mpc
