#include "mpc/circuit/compare_circuits.h"

#include <algorithm>
#include <bit>
#include <map>
#include <tuple>

#include "engine/types/check.h"

namespace care::mpc {
namespace {

using Bit = BooleanCircuit::Bit;

// What is known of a group of adjacent bits: whether a is less than b there, and whether the two are equal.
struct Digit {
  Bit less;
  Bit equal;
};

// Folds adjacent digits, least significant first: high.less ^ (high.equal & low.less).
Bit FoldDigits(BooleanCircuit& circuit, std::vector<Digit> digits) {
  while (digits.size() > 1) {
    std::vector<Digit> folded;
    for (std::size_t j = 0; j + 1 < digits.size(); j += 2) {
      const Digit& low = digits[j];
      const Digit& high = digits[j + 1];
      const Bit less = circuit.Xor(high.less, circuit.And(high.equal, low.less));
      // Whether the lowest digits are equal never matters.
      folded.push_back({less, j == 0 ? Bit() : circuit.And(high.equal, low.equal)});
    }
    if (digits.size() % 2 == 1) folded.push_back(digits.back());
    digits = std::move(folded);
  }
  return digits[0].less;
}

Bit RippleLess(BooleanCircuit& circuit, std::span<const Bit> a, std::span<const Bit> b) {
  Bit less = BooleanCircuit::Constant(false);
  for (std::size_t i = 0; i < a.size(); ++i) {
    // Where the bits are equal the two factors are inverse; where they differ, the product changes `less` to
    // b's.
    const Bit product = circuit.And(circuit.Xor(BooleanCircuit::Not(a[i]), less), circuit.Xor(b[i], less));
    less = circuit.Xor(less, product);
  }
  return less;
}

// The AND of all bits, by halves: element j with element j + half, an odd last one kept.
Bit AllOf(BooleanCircuit& circuit, std::vector<Bit> bits) {
  if (bits.empty()) return BooleanCircuit::Constant(true);
  while (bits.size() > 1) {
    const std::size_t half = bits.size() / 2;
    std::vector<Bit> folded;
    for (std::size_t j = 0; j < half; ++j) folded.push_back(circuit.And(bits[j], bits[half + j]));
    if (bits.size() % 2 == 1) folded.push_back(bits.back());
    bits = std::move(folded);
  }
  return bits[0];
}

std::vector<Bit> BitsOf(std::uint64_t constant, unsigned width) {
  std::vector<Bit> bits;
  for (unsigned p = 0; p < width; ++p) {
    bits.push_back(BooleanCircuit::Constant(p < 64 && (constant >> p & 1) != 0));
  }
  return bits;
}

}  // namespace

Bit Equals(BooleanCircuit& circuit, std::span<const Bit> a, std::span<const Bit> b) {
  CARE_CHECK(a.size() == b.size());
  std::vector<Bit> same;
  for (std::size_t i = 0; i < a.size(); ++i) {
    same.push_back(BooleanCircuit::Not(circuit.Xor(a[i], b[i])));
  }
  return AllOf(circuit, std::move(same));
}

Bit Less(BooleanCircuit& circuit, std::span<const Bit> a, std::span<const Bit> b, CompareDepth depth) {
  CARE_CHECK(a.size() == b.size());
  if (a.empty()) return BooleanCircuit::Constant(false);
  if (depth == CompareDepth::kRipple) return RippleLess(circuit, a, b);
  const std::size_t block = depth == CompareDepth::kBlock4 ? 4 : 1;
  std::vector<Digit> digits;
  for (std::size_t first = 0; first < a.size(); first += block) {
    const std::size_t count = std::min(block, a.size() - first);
    const auto left = a.subspan(first, count), right = b.subspan(first, count);
    digits.push_back({RippleLess(circuit, left, right), Equals(circuit, left, right)});
  }
  return FoldDigits(circuit, std::move(digits));
}

BooleanCircuit EqualCircuit(unsigned width) {
  BooleanCircuit circuit(2 * width);
  circuit.Output(Equals(circuit, circuit.Inputs(0, width), circuit.Inputs(width, width)));
  return circuit;
}

BooleanCircuit LessThanCircuit(unsigned width, CompareDepth depth) {
  BooleanCircuit circuit(2 * width);
  circuit.Output(Less(circuit, circuit.Inputs(0, width), circuit.Inputs(width, width), depth));
  return circuit;
}

BooleanCircuit LessThanPublicCircuit(unsigned width, std::uint64_t constant, CompareDepth depth) {
  BooleanCircuit circuit(width);
  if (constant == 0) {
    circuit.Output(BooleanCircuit::Constant(false));
  } else if (width < 64 && constant >> width != 0) {
    circuit.Output(BooleanCircuit::Constant(true));
  } else {
    // Below the constant's lowest set bit nothing decides: a < c * 2^t if and only if floor(a / 2^t) < c.
    const unsigned zeroes = static_cast<unsigned>(std::countr_zero(constant));
    const std::vector<Bit> bits = BitsOf(constant, width);
    circuit.Output(
        Less(circuit, circuit.Inputs(zeroes, width - zeroes), std::span(bits).subspan(zeroes), depth));
  }
  return circuit;
}

namespace {

// Compares a circuit's inputs with constants, each part of them with each value once.
class PartsOfInputs {
 public:
  explicit PartsOfInputs(BooleanCircuit& circuit) : circuit_(circuit) {}

  // Inputs `first` and the next, `bits` of them, are `value`.
  Bit Are(unsigned first, unsigned bits, std::uint64_t value) {
    if (bits == 1) return value == 1 ? circuit_.Input(first) : BooleanCircuit::Not(circuit_.Input(first));
    if (const auto made = made_.find({first, bits, value}); made != made_.end()) return made->second;
    const unsigned low = bits / 2;
    const Bit low_is = Are(first, low, value & ((std::uint64_t{1} << low) - 1));
    const Bit high_is = Are(first + low, bits - low, value >> low);
    return made_[{first, bits, value}] = circuit_.And(low_is, high_is);
  }

 private:
  BooleanCircuit& circuit_;
  std::map<std::tuple<unsigned, unsigned, std::uint64_t>, Bit> made_;
};

}  // namespace

BooleanCircuit OneHotCircuit(unsigned width, std::span<const std::uint64_t> constants) {
  CARE_CHECK(width >= 1 && width <= 64);
  BooleanCircuit circuit(width);
  PartsOfInputs parts(circuit);
  for (const std::uint64_t constant : constants) {
    const bool fits = width == 64 || constant >> width == 0;
    circuit.Output(fits ? parts.Are(0, width, constant) : BooleanCircuit::Constant(false));
  }
  return circuit;
}

}  // namespace care::mpc
