#include "mpc/circuit/add_circuits.h"

#include <bit>
#include <deque>

#include "engine/types/check.h"

namespace care::mpc {
namespace {

using Bit = BooleanCircuit::Bit;

std::vector<Bit> RippleSum(BooleanCircuit& circuit, std::span<const Bit> a, std::span<const Bit> b) {
  std::vector<Bit> sum;
  Bit carry = BooleanCircuit::Constant(false);
  for (std::size_t i = 0; i < a.size(); ++i) {
    const Bit left = circuit.Xor(a[i], carry), right = circuit.Xor(b[i], carry);
    sum.push_back(circuit.Xor(left, b[i]));
    // The majority of a, b and the carry: the carry, unless both bits differ from it.
    if (i + 1 < a.size()) carry = circuit.Xor(carry, circuit.And(left, right));
  }
  return sum;
}

// generate[i], propagate[i] of bits first..i, where `first` sinks to 0 level by level. At a level of span s,
// positions with bit s of i set join the group that ends below them.
std::vector<Bit> PrefixSum(BooleanCircuit& circuit, std::span<const Bit> a, std::span<const Bit> b) {
  std::vector<Bit> sum, generate, propagate;
  for (std::size_t i = 0; i < a.size(); ++i) sum.push_back(circuit.Xor(a[i], b[i]));
  const std::size_t positions = a.size() - 1;  // the carry out of the top bit is not needed
  for (std::size_t i = 0; i < positions; ++i) {
    generate.push_back(circuit.And(a[i], b[i]));
    propagate.push_back(sum[i]);
  }
  for (std::size_t span = 1; span < positions; span *= 2) {
    for (std::size_t i = 0; i < positions; ++i) {
      if ((i & span) == 0) continue;
      const std::size_t below = (i & ~(span - 1)) - 1;
      generate[i] = circuit.Xor(generate[i], circuit.And(propagate[i], generate[below]));
      // Unless the joined group reaches bit 0.
      if (i >= 2 * span) propagate[i] = circuit.And(propagate[i], propagate[below]);
    }
  }
  for (std::size_t i = 0; i < positions; ++i) sum[i + 1] = circuit.Xor(sum[i + 1], generate[i]);
  return sum;
}

std::vector<Bit> Inverse(std::span<const Bit> bits) {
  std::vector<Bit> inverse;
  for (const Bit bit : bits) inverse.push_back(BooleanCircuit::Not(bit));
  return inverse;
}

std::vector<Bit> Shifted(std::span<const Bit> bits, unsigned shift) {
  std::vector<Bit> shifted(std::min<std::size_t>(shift, bits.size()), BooleanCircuit::Constant(false));
  for (std::size_t i = 0; shifted.size() < bits.size(); ++i) shifted.push_back(bits[i]);
  return shifted;
}

void OutputAll(BooleanCircuit& circuit, const std::vector<Bit>& bits) {
  for (const Bit bit : bits) circuit.Output(bit);
}

}  // namespace

std::vector<Bit> Sum(BooleanCircuit& circuit, std::span<const Bit> a, std::span<const Bit> b,
                     CompareDepth depth) {
  CARE_CHECK(a.size() == b.size());
  if (a.empty()) return {};
  return depth == CompareDepth::kRipple ? RippleSum(circuit, a, b) : PrefixSum(circuit, a, b);
}

// a - b = ~(~a + b).
std::vector<Bit> Difference(BooleanCircuit& circuit, std::span<const Bit> a, std::span<const Bit> b,
                            CompareDepth depth) {
  return Inverse(Sum(circuit, Inverse(a), b, depth));
}

std::vector<Bit> ProductWithPublic(BooleanCircuit& circuit, std::span<const Bit> a, std::uint64_t factor,
                                   CompareDepth depth) {
  CARE_CHECK(a.size() <= 64);
  std::vector<Bit> product(a.size(), BooleanCircuit::Constant(false));
  bool first = true;
  for (unsigned shift = 0; factor != 0 && shift < a.size(); ++shift, factor >>= 1) {
    if ((factor & 1) == 0) continue;
    // Non-adjacent form: a run of ones is one subtraction and a carry. The carry out of 2^64 does not matter.
    const bool subtract = (factor & 3) == 3;
    factor = subtract ? factor + 1 : factor - 1;
    const std::vector<Bit> term = Shifted(a, shift);
    product = subtract ? Difference(circuit, product, term, depth)
              : first  ? term
                       : Sum(circuit, product, term, depth);
    first = false;
  }
  return product;
}

std::vector<Bit> CountOnes(BooleanCircuit& circuit, std::span<const Bit> bits) {
  std::vector<Bit> count;
  std::deque<Bit> weight(bits.begin(),
                         bits.end());  // all bits that weigh 2^k, those that are known first in front
  while (!weight.empty()) {
    std::deque<Bit> carries;
    while (weight.size() > 1) {
      const Bit a = weight[0], b = weight[1];
      weight.erase(weight.begin(), weight.begin() + 2);
      if (weight.empty()) {
        weight.push_back(circuit.Xor(a, b));
        carries.push_back(circuit.And(a, b));
        continue;
      }
      const Bit c = weight.front();
      weight.pop_front();
      const Bit left = circuit.Xor(a, c), right = circuit.Xor(b, c);
      weight.push_back(circuit.Xor(left, b));
      carries.push_back(circuit.Xor(c, circuit.And(left, right)));
    }
    count.push_back(weight.front());
    weight = std::move(carries);
  }
  return count;
}

BooleanCircuit AddCircuit(unsigned width, CompareDepth depth) {
  BooleanCircuit circuit(2 * width);
  OutputAll(circuit, Sum(circuit, circuit.Inputs(0, width), circuit.Inputs(width, width), depth));
  return circuit;
}

BooleanCircuit SubtractCircuit(unsigned width, CompareDepth depth) {
  BooleanCircuit circuit(2 * width);
  OutputAll(circuit, Difference(circuit, circuit.Inputs(0, width), circuit.Inputs(width, width), depth));
  return circuit;
}

BooleanCircuit WideSubtractCircuit(unsigned left_width, unsigned width, CompareDepth depth) {
  CARE_CHECK(left_width <= width);
  BooleanCircuit circuit(left_width + width);
  const auto low = circuit.Inputs(0, left_width);
  std::vector<Bit> left(low.begin(), low.end());
  left.resize(width, BooleanCircuit::Constant(false));
  OutputAll(circuit, Difference(circuit, left, circuit.Inputs(left_width, width), depth));
  return circuit;
}

BooleanCircuit MultiplyPublicCircuit(unsigned width, std::uint64_t factor, CompareDepth depth) {
  BooleanCircuit circuit(width);
  OutputAll(circuit, ProductWithPublic(circuit, circuit.Inputs(0, width), factor, depth));
  return circuit;
}

BooleanCircuit CountOnesCircuit(unsigned inputs) {
  BooleanCircuit circuit(inputs);
  OutputAll(circuit, CountOnes(circuit, circuit.Inputs(0, inputs)));
  return circuit;
}

}  // namespace care::mpc
