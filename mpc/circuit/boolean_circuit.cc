#include "mpc/circuit/boolean_circuit.h"

#include <algorithm>

namespace care::mpc {

BooleanCircuit::Bit BooleanCircuit::AddGate(Gate gate) {
  std::uint32_t level = gates_[gate.a].level;
  if (gate.b != kConstant) level = std::max(level, gates_[gate.b].level);
  gate.level = level + (gate.kind == Gate::Kind::kAnd ? 1 : 0);
  gates_.push_back(gate);
  return {static_cast<std::uint32_t>(gates_.size() - 1), false};
}

std::uint32_t BooleanCircuit::Upright(Bit bit) {
  if (!bit.inverted) return bit.gate;
  inverse_.resize(gates_.size(), kConstant);
  if (inverse_[bit.gate] == kConstant) {
    inverse_[bit.gate] = AddGate({.kind = Gate::Kind::kXor, .inverted = true, .a = bit.gate}).gate;
  }
  return inverse_[bit.gate];
}

BooleanCircuit::Bit BooleanCircuit::Xor(Bit a, Bit b) {
  const bool inverted = a.inverted != b.inverted;
  if (a.gate == b.gate) return Constant(inverted);
  if (a.gate == kConstant) return {b.gate, inverted};
  if (b.gate == kConstant) return {a.gate, inverted};
  return AddGate({.kind = Gate::Kind::kXor, .inverted = inverted, .a = a.gate, .b = b.gate});
}

BooleanCircuit::Bit BooleanCircuit::And(Bit a, Bit b) {
  if (a.gate == kConstant) return a.inverted ? b : Constant(false);
  if (b.gate == kConstant) return b.inverted ? a : Constant(false);
  if (a.gate == b.gate) return a.inverted == b.inverted ? a : Constant(false);
  const std::uint32_t left = Upright(a);
  const std::uint32_t right = Upright(b);
  return AddGate({.kind = Gate::Kind::kAnd, .a = left, .b = right});
}

std::vector<bool> BooleanCircuit::Needed() const {
  std::vector<bool> needed(gates_.size());
  for (const Bit& output : outputs_) {
    if (output.gate != kConstant) needed[output.gate] = true;
  }
  for (std::size_t g = gates_.size(); g-- > 0;) {
    if (!needed[g] || gates_[g].kind == Gate::Kind::kInput) continue;
    needed[gates_[g].a] = true;
    if (gates_[g].b != kConstant) needed[gates_[g].b] = true;
  }
  return needed;
}

std::vector<unsigned> BooleanCircuit::AndsByRound() const {
  const std::vector<bool> needed = Needed();
  std::vector<unsigned> ands;
  for (std::size_t g = 0; g < gates_.size(); ++g) {
    if (!needed[g] || gates_[g].kind != Gate::Kind::kAnd) continue;
    if (ands.size() < gates_[g].level) ands.resize(gates_[g].level);
    ++ands[gates_[g].level - 1];
  }
  return ands;
}

}  // namespace care::mpc
