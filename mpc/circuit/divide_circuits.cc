#include "mpc/circuit/divide_circuits.h"

#include <algorithm>
#include <bit>
#include <deque>
#include <utility>

#include "engine/types/check.h"
#include "mpc/circuit/add_circuits.h"

namespace care::mpc {
namespace {

using Bit = BooleanCircuit::Bit;
using Wide = unsigned __int128;

unsigned WidthOf(Wide value) {
  const auto high = static_cast<std::uint64_t>(value >> 64);
  return static_cast<unsigned>(high != 0 ? 64 + std::bit_width(high) : std::bit_width(static_cast<std::uint64_t>(value)));
}

struct Reciprocal {
  Wide factor = 1;
  unsigned shift = 0;
};

// With factor = ceil(2^shift / divisor), a * factor exceeds a * 2^shift / divisor by a * excess / divisor, which reaches the next
// quotient for no a up to `most` if most * excess < 2^shift (excess = factor * divisor - 2^shift).
Reciprocal ReciprocalOf(std::uint64_t divisor, std::uint64_t most) {
  for (unsigned shift = 0;; ++shift) {
    const Wide power = Wide{1} << shift;
    const Wide factor = (power + divisor - 1) / divisor;
    const Wide excess = factor * divisor - power;
    if (excess * most < power) return {factor, shift};
  }
}

// Bits by weight; each column is added up to one bit, and the carries go to the next.
class Columns {
 public:
  Columns(BooleanCircuit& circuit, unsigned width) : circuit_(circuit), columns_(width) {}

  void Add(std::size_t weight, Bit bit) {
    if (weight < columns_.size() && bit != BooleanCircuit::Constant(false)) columns_[weight].push_back(bit);
  }
  // Modulo 2^width.
  void AddConstant(Wide value) {
    for (std::size_t weight = 0; weight < columns_.size() && weight < 128; ++weight)
      Add(weight, BooleanCircuit::Constant((value >> weight & 1) != 0));
  }

  std::vector<Bit> Total(CompareDepth depth) {
    // Three bits of one weight become one and a carry, those that are known first in front, until two are left everywhere.
    for (bool more = true; more;) {
      more = false;
      std::vector<std::deque<Bit>> next(columns_.size());
      for (std::size_t weight = 0; weight < columns_.size(); ++weight) {
        std::deque<Bit>& column = columns_[weight];
        while (column.size() >= 3) {
          const Bit a = column[0], b = column[1], c = column[2];
          column.erase(column.begin(), column.begin() + 3);
          const Bit left = circuit_.Xor(a, c), right = circuit_.Xor(b, c);
          next[weight].push_back(circuit_.Xor(left, b));
          const Bit carry = circuit_.Xor(c, circuit_.And(left, right));
          if (weight + 1 < columns_.size() && carry != BooleanCircuit::Constant(false)) next[weight + 1].push_back(carry);
        }
        next[weight].insert(next[weight].begin(), column.begin(), column.end());
      }
      columns_ = std::move(next);
      for (const std::deque<Bit>& column : columns_) more = more || column.size() >= 3;
    }
    std::vector<Bit> a, b;
    for (const std::deque<Bit>& column : columns_) {
      a.push_back(column.empty() ? BooleanCircuit::Constant(false) : column[0]);
      b.push_back(column.size() < 2 ? BooleanCircuit::Constant(false) : column[1]);
    }
    return Sum(circuit_, a, b, depth);
  }

 private:
  BooleanCircuit& circuit_;
  std::vector<std::deque<Bit>> columns_;
};

}  // namespace

std::vector<Bit> QuotientByPublic(BooleanCircuit& circuit, std::span<const Bit> a, std::uint64_t most, std::uint64_t divisor,
                                  CompareDepth depth) {
  CARE_CHECK(divisor > 0 && most < std::uint64_t{1} << 63);
  // Halving drops bits, and then less is divided by less.
  const auto halvings = static_cast<unsigned>(std::countr_zero(divisor));
  divisor >>= halvings;
  most >>= halvings;
  std::vector<Bit> rest(a.begin() + std::min<std::size_t>(halvings, a.size()), a.end());
  const unsigned width = WidthOf(most / divisor);
  rest.resize(std::max<std::size_t>(rest.size(), width), BooleanCircuit::Constant(false));
  if (divisor == 1) {
    rest.resize(width);
    return rest;
  }
  if (width == 0) return {};
  rest.resize(WidthOf(most));
  const Reciprocal reciprocal = ReciprocalOf(divisor, most);
  // No larger than most * factor < 2^127: the reciprocal has a bit more than the dividend.
  const unsigned product_width = reciprocal.shift + width;
  Columns columns(circuit, product_width);
  Wide constant = 0, factor = reciprocal.factor;
  for (unsigned shift = 0; factor != 0; ++shift, factor >>= 1) {
    if ((factor & 1) == 0) continue;
    // Non-adjacent form: a run of ones is one subtraction and a carry.
    const bool subtract = (factor & 3) == 3;
    factor = subtract ? factor + 1 : factor - 1;
    for (std::size_t i = 0; i < rest.size(); ++i) columns.Add(i + shift, subtract ? BooleanCircuit::Not(rest[i]) : rest[i]);
    // -x is ~x + 1 - 2^w where ~x has w bits.
    if (subtract) constant += (Wide{1} << shift) - (rest.size() + shift < 128 ? Wide{1} << (rest.size() + shift) : Wide{0});
  }
  columns.AddConstant(constant);
  const std::vector<Bit> product = columns.Total(depth);
  return std::vector<Bit>(product.begin() + reciprocal.shift, product.end());
}

QuotientBits Divide(BooleanCircuit& circuit, std::span<const Bit> a, std::span<const Bit> b, unsigned quotient_width,
                    CompareDepth depth) {
  QuotientBits result;
  result.quotient.resize(quotient_width, BooleanCircuit::Constant(false));
  std::vector<Bit> divisor(b.begin(), b.end());
  divisor.push_back(BooleanCircuit::Constant(false));
  // What is left is less than the divisor, so that doubled it has one bit more. It begins with the bits above the quotient's.
  std::vector<Bit> left(a.begin() + std::min<std::size_t>(quotient_width, a.size()), a.end());
  left.resize(b.size() + 1, BooleanCircuit::Constant(false));
  for (std::size_t i = quotient_width; i-- > 0;) {
    left.pop_back();
    left.insert(left.begin(), i < a.size() ? a[i] : BooleanCircuit::Constant(false));
    // A bit on top of both says which is less.
    std::vector<Bit> minuend = left, subtrahend = divisor;
    minuend.push_back(BooleanCircuit::Constant(false));
    subtrahend.push_back(BooleanCircuit::Constant(false));
    const std::vector<Bit> difference = Difference(circuit, minuend, subtrahend, depth);
    const Bit fits = BooleanCircuit::Not(difference.back());
    result.quotient[i] = fits;
    for (std::size_t bit = 0; bit < left.size(); ++bit) left[bit] = circuit.Select(fits, difference[bit], left[bit]);
  }
  left.pop_back();
  result.remainder = std::move(left);
  return result;
}

BooleanCircuit QuotientByPublicCircuit(unsigned width, std::uint64_t divisor, CompareDepth depth) {
  BooleanCircuit circuit(width);
  const std::uint64_t most = (std::uint64_t{1} << width) - 1;
  for (const Bit bit : QuotientByPublic(circuit, circuit.Inputs(0, width), most, divisor, depth)) circuit.Output(bit);
  return circuit;
}

BooleanCircuit DivideCircuit(unsigned width, unsigned divisor_width, CompareDepth depth) {
  BooleanCircuit circuit(width + divisor_width);
  const QuotientBits bits = Divide(circuit, circuit.Inputs(0, width), circuit.Inputs(width, divisor_width), width, depth);
  for (const Bit bit : bits.quotient) circuit.Output(bit);
  for (const Bit bit : bits.remainder) circuit.Output(bit);
  return circuit;
}

}  // namespace care::mpc
