// Circuits as gates: folding of constants, gates that nobody needs, values that live across rounds, outputs
// of every kind; random circuits against a bit-by-bit evaluation, on both protocols.
#include "mpc/circuit/boolean_circuit.h"

#include <random>

#include "mpc/circuit/circuit_program.h"
#include "mpc/cost/cost.h"
#include "tests/unit/mpc/both_protocols.h"

namespace care::mpc {
namespace {

using Bit = BooleanCircuit::Bit;

TEST(BooleanCircuit, ConstantsFold) {
  BooleanCircuit circuit(2);
  const Bit a = circuit.Input(0), zero = BooleanCircuit::Constant(false),
            one = BooleanCircuit::Constant(true);
  EXPECT_EQ(circuit.And(a, zero), zero);
  EXPECT_EQ(circuit.And(one, a), a);
  EXPECT_EQ(circuit.And(a, a), a);
  EXPECT_EQ(circuit.And(a, BooleanCircuit::Not(a)), zero);
  EXPECT_EQ(circuit.Xor(a, a), zero);
  EXPECT_EQ(circuit.Xor(a, BooleanCircuit::Not(a)), one);
  EXPECT_EQ(circuit.Xor(a, one), BooleanCircuit::Not(a));
  EXPECT_EQ(circuit.gates().size(), 2);
}

TEST(BooleanCircuit, GatesThatNoOutputNeedsAreFree) {
  BooleanCircuit circuit(3);
  const Bit unused = circuit.And(circuit.Input(0), circuit.Input(1));
  (void)circuit.And(unused, circuit.Input(2));
  circuit.Output(circuit.And(circuit.Input(1), circuit.Input(2)));
  EXPECT_EQ(circuit.AndsByRound(), std::vector<unsigned>{1});
  EXPECT_EQ(CircuitProgram(circuit).rounds.size(), 1);
}

TEST(CircuitProgram, ARippleNeedsFewRegisters) {
  BooleanCircuit circuit(128);
  Bit carry = BooleanCircuit::Constant(false);
  for (unsigned i = 0; i < 64; ++i) {
    const Bit product = circuit.And(circuit.Xor(BooleanCircuit::Not(circuit.Input(i)), carry),
                                    circuit.Xor(circuit.Input(64 + i), carry));
    carry = circuit.Xor(carry, product);
  }
  circuit.Output(carry);
  const CircuitProgram program(circuit);
  EXPECT_EQ(program.rounds.size(), 64);
  EXPECT_LE(program.kept_planes + program.scratch_planes, 6);
}

// A circuit of random gates over all values so far, among them inverses and constants.
BooleanCircuit RandomCircuit(std::mt19937_64& random, unsigned inputs, unsigned gates, unsigned outputs) {
  BooleanCircuit circuit(inputs);
  std::vector<Bit> bits = {BooleanCircuit::Constant(false), BooleanCircuit::Constant(true)};
  for (unsigned i = 0; i < inputs; ++i) bits.push_back(circuit.Input(i));
  const auto any = [&] {
    // Half of the time a recent value, so that circuits become deep.
    const std::size_t back = random() % 2 == 0 ? std::min<std::size_t>(bits.size(), 8) : bits.size();
    const Bit bit = bits[bits.size() - 1 - random() % back];
    return random() % 4 == 0 ? BooleanCircuit::Not(bit) : bit;
  };
  for (unsigned g = 0; g < gates; ++g) {
    const Bit a = any(), b = any();
    switch (random() % 3) {
      case 0:
        bits.push_back(circuit.And(a, b));
        break;
      case 1:
        bits.push_back(circuit.Xor(a, b));
        break;
      default:
        bits.push_back(circuit.Select(a, b, any()));
        break;
    }
  }
  for (unsigned o = 0; o < outputs; ++o) circuit.Output(any());
  return circuit;
}

bool Value(const std::vector<bool>& values, Bit bit) {
  return bit.gate == BooleanCircuit::kConstant ? bit.inverted : values[bit.gate] != bit.inverted;
}

std::uint64_t EvaluateInTheClear(const BooleanCircuit& circuit, std::uint64_t row) {
  std::vector<bool> values;
  for (const BooleanCircuit::Gate& gate : circuit.gates()) {
    switch (gate.kind) {
      case BooleanCircuit::Gate::Kind::kInput:
        values.push_back(row >> values.size() & 1);
        break;
      case BooleanCircuit::Gate::Kind::kAnd:
        values.push_back(values[gate.a] && values[gate.b]);
        break;
      case BooleanCircuit::Gate::Kind::kXor:
        values.push_back(
            (gate.b == BooleanCircuit::kConstant ? values[gate.a] : values[gate.a] != values[gate.b]) !=
            gate.inverted);
        break;
    }
  }
  std::uint64_t result = 0;
  for (std::size_t o = 0; o < circuit.outputs().size(); ++o) {
    result |= std::uint64_t{Value(values, circuit.outputs()[o])} << o;
  }
  return result;
}

TEST(Evaluate, RandomCircuitsOnBothProtocols) {
  std::mt19937_64 random(7);
  for (int trial = 0; trial < 60; ++trial) {
    SCOPED_TRACE(trial);
    const BooleanCircuit circuit = RandomCircuit(random, 9, 5 + trial * 3, 1 + trial % 12);
    const std::size_t rows = trial % 5 == 0 ? trial / 5 : 70 + 40 * trial;
    const Integers a = RandomIntegers(random, rows, 6), b = RandomIntegers(random, rows, 3);
    Integers expected;
    for (std::size_t i = 0; i < rows; ++i) expected.push_back(EvaluateInTheClear(circuit, a[i] | b[i] << 6));
    ExpectOnBoth(
        [&](Protocol& p) -> absl::StatusOr<Integers> {
          CARE_ASSIGN_OR_RETURN(const BitColumn x, InputBitsForTest(p, 0, a, 6));
          CARE_ASSIGN_OR_RETURN(const BitColumn y, InputBitsForTest(p, 2, b, 3));
          const BitColumn* inputs[] = {&x, &y};
          CARE_ASSIGN_OR_RETURN(const BitColumn result, p.Evaluate(circuit, inputs));
          return OpenAll(p, {result}, {});
        },
        expected);
  }
}

TEST(Evaluate, CostsWhatItsGatesCost) {
  std::mt19937_64 random(8);
  for (int trial = 0; trial < 10; ++trial) {
    const BooleanCircuit circuit = RandomCircuit(random, 5, 60, 3);
    for (const std::size_t rows : {std::size_t{1}, std::size_t{100}, std::size_t{300'000}}) {
      const auto run = RunThreeParties([&](Protocol& p) -> absl::StatusOr<int> {
        const BitColumn x = p.PublicBits(BitPlanes(rows, 5));
        const BitColumn* inputs[] = {&x};
        CARE_RETURN_IF_ERROR(p.Evaluate(circuit, inputs).status());
        return 0;
      });
      ASSERT_TRUE(run.ok()) << run.status();
      EXPECT_EQ(run.bytes_sent(), CircuitCost(rows, circuit).bytes);
      EXPECT_EQ(run.rounds, CircuitCost(rows, circuit).rounds);
    }
  }
}

}  // namespace
}  // namespace care::mpc
