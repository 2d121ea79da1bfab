#include "mpc/circuit/circuit_program.h"

#include <algorithm>

#include "engine/types/check.h"

namespace care::mpc {
namespace {

using Gate = BooleanCircuit::Gate;
using Bank = PlaneLocation::Bank;

// Registers by number, lowest free run first.
class RegisterBank {
 public:
  std::uint32_t Take(std::uint32_t count) {
    std::uint32_t run = 0;
    for (std::uint32_t i = 0; i < used_.size(); ++i) {
      run = used_[i] ? 0 : run + 1;
      if (run == count) return Mark(i + 1 - count, count);
    }
    const std::uint32_t first = static_cast<std::uint32_t>(used_.size()) - run;
    used_.resize(first + count);
    return Mark(first, count);
  }
  void Free(std::uint32_t index) { used_[index] = false; }
  std::uint32_t size() const { return static_cast<std::uint32_t>(used_.size()); }

 private:
  std::uint32_t Mark(std::uint32_t first, std::uint32_t count) {
    std::fill_n(used_.begin() + first, count, true);
    return first;
  }
  std::vector<bool> used_;
};

// The order of work: in each round, each AND after the XORs that it alone still waits for.
class Scheduler {
 public:
  explicit Scheduler(const BooleanCircuit& circuit)
      : gates_(circuit.gates()), needed_(circuit.Needed()), placed_(gates_.size()) {
    std::uint32_t rounds = 0;
    for (std::size_t g = 0; g < gates_.size(); ++g) {
      if (needed_[g]) rounds = std::max(rounds, gates_[g].level);
    }
    order_.resize(rounds + 1);
    for (std::uint32_t round = 0; round < rounds; ++round) {
      for (std::uint32_t g = 0; g < gates_.size(); ++g) {
        if (needed_[g] && gates_[g].kind == Gate::Kind::kAnd && gates_[g].level == round + 1) {
          PlaceOperands(round, g);
          order_[round].push_back(g);
        }
      }
    }
    for (const BooleanCircuit::Bit& output : circuit.outputs()) {
      if (output.gate != BooleanCircuit::kConstant) Place(rounds, output.gate);
    }
  }
  // Gates of each round; after the last one, what outputs still need.
  const std::vector<std::vector<std::uint32_t>>& order() const { return order_; }

 private:
  void PlaceOperands(std::uint32_t round, std::uint32_t gate) {
    Place(round, gates_[gate].a);
    if (gates_[gate].b != BooleanCircuit::kConstant) Place(round, gates_[gate].b);
  }
  // Operands have lower numbers; XORs of XORs are as deep as the circuit's builder made them, so no
  // recursion.
  void Place(std::uint32_t round, std::uint32_t gate) {
    std::vector<std::uint32_t> waiting = {gate};
    while (!waiting.empty()) {
      const std::uint32_t g = waiting.back();
      if (placed_[g] || gates_[g].kind != Gate::Kind::kXor) {
        waiting.pop_back();
        continue;
      }
      bool ready = true;
      for (const std::uint32_t operand : {gates_[g].a, gates_[g].b}) {
        if (operand == BooleanCircuit::kConstant || placed_[operand]) continue;
        if (gates_[operand].kind != Gate::Kind::kXor) continue;
        waiting.push_back(operand);
        ready = false;
      }
      if (!ready) continue;
      placed_[g] = true;
      order_[round].push_back(g);
      waiting.pop_back();
    }
  }

  const std::vector<Gate>& gates_;
  const std::vector<bool> needed_;
  std::vector<bool> placed_;
  std::vector<std::vector<std::uint32_t>> order_;
};

}  // namespace

CircuitProgram::CircuitProgram(const BooleanCircuit& circuit) {
  const std::vector<Gate>& gates = circuit.gates();
  const Scheduler scheduler(circuit);
  const std::vector<std::vector<std::uint32_t>>& order = scheduler.order();
  const auto last_round = static_cast<std::uint32_t>(order.size() - 1);

  // When a value is made, and where it is used last: round and place in it.
  struct Life {
    std::uint32_t made = 0, last_round = 0, last_place = 0;
  };
  std::vector<Life> lives(gates.size());
  for (std::uint32_t round = 0; round < order.size(); ++round) {
    for (std::uint32_t place = 0; place < order[round].size(); ++place) {
      const std::uint32_t g = order[round][place];
      lives[g].made = round;
      for (const std::uint32_t operand : {gates[g].a, gates[g].b}) {
        if (operand == BooleanCircuit::kConstant) continue;
        lives[operand].last_round = round;
        lives[operand].last_place = place;
      }
    }
  }
  for (const BooleanCircuit::Bit& output : circuit.outputs()) {
    if (output.gate == BooleanCircuit::kConstant) continue;
    lives[output.gate].last_round = last_round;
    lives[output.gate].last_place = UINT32_MAX;
  }

  RegisterBank kept, scratch;
  std::vector<PlaneLocation> locations(gates.size());
  for (std::uint32_t i = 0; i < circuit.input_count(); ++i) locations[i] = {Bank::kInput, i};
  const auto free_if_done = [&](std::uint32_t gate, std::uint32_t round, std::uint32_t place) {
    if (gate == BooleanCircuit::kConstant) return;
    if (lives[gate].last_round != round || lives[gate].last_place != place) return;
    PlaneLocation& location = locations[gate];
    if (location.bank == Bank::kKept) kept.Free(location.index);
    if (location.bank == Bank::kScratch) scratch.Free(location.index);
  };

  for (std::uint32_t round = 0; round < order.size(); ++round) {
    CircuitRound out;
    for (const std::uint32_t g : order[round]) out.products += gates[g].kind == Gate::Kind::kAnd ? 1 : 0;
    if (out.products > 0) out.first_product = kept.Take(out.products);
    std::uint32_t product = out.first_product;
    for (std::uint32_t place = 0; place < order[round].size(); ++place) {
      const std::uint32_t g = order[round][place];
      CircuitStep step;
      step.is_and = gates[g].kind == Gate::Kind::kAnd;
      step.inverted = gates[g].inverted;
      step.a = locations[gates[g].a];
      if (gates[g].b != BooleanCircuit::kConstant) step.b = locations[gates[g].b];
      // An XOR may write over an operand that it uses last.
      free_if_done(gates[g].a, round, place);
      if (gates[g].b != gates[g].a) free_if_done(gates[g].b, round, place);
      if (step.is_and) {
        locations[g] = {Bank::kKept, product++};
      } else if (lives[g].last_round > round) {
        locations[g] = {Bank::kKept, kept.Take(1)};
      } else {
        locations[g] = {Bank::kScratch, scratch.Take(1)};
      }
      step.out = locations[g];
      out.steps.push_back(step);
    }
    if (round == last_round) {
      CARE_CHECK(out.products == 0);
      last_steps = std::move(out.steps);
    } else {
      rounds.push_back(std::move(out));
    }
  }
  for (const BooleanCircuit::Bit& output : circuit.outputs()) {
    CircuitOutput result;
    result.inverted = output.inverted;
    if (output.gate != BooleanCircuit::kConstant) result.from = locations[output.gate];
    outputs.push_back(result);
  }
  kept_planes = kept.size();
  scratch_planes = scratch.size();
}

}  // namespace care::mpc
