#include "planner/physical/value_circuits.h"

#include <openssl/sha.h>

#include <algorithm>
#include <bit>
#include <map>

#include "absl/strings/str_cat.h"
#include "engine/types/check.h"
#include "engine/types/status_macros.h"
#include "mpc/circuit/add_circuits.h"

namespace care::planner {
namespace {

using mpc::BooleanCircuit;
using mpc::CompareDepth;

constexpr Int128 kMost = static_cast<Int128>(INT64_MAX);

CircuitBits Resized(const CircuitBits& bits, unsigned width) {
  CircuitBits resized(bits);
  resized.resize(width, BooleanCircuit::Constant(false));
  return resized;
}

// Sum modulo 2^width. Low bits to which a public zero is added stay as they are, without a carry.
CircuitBits PlusPublic(BooleanCircuit& circuit, const CircuitBits& bits, UInt128 constant, CompareDepth depth) {
  const auto width = static_cast<unsigned>(bits.size());
  const CircuitBits addend = ConstantBits(constant, width);
  unsigned zeroes = 0;
  while (zeroes < width && !addend[zeroes].inverted) ++zeroes;
  CircuitBits sum(bits.begin(), bits.begin() + zeroes);
  const CircuitBits high = mpc::Sum(circuit, std::span(bits).subspan(zeroes), std::span(addend).subspan(zeroes), depth);
  sum.insert(sum.end(), high.begin(), high.end());
  return sum;
}

UInt128 HighestOf(const CircuitValue& value) { return (UInt128{1} << value.shape.width) - 1; }

std::vector<bool> BitsOfCode(std::size_t code, unsigned width) {
  std::vector<bool> bits(width);
  for (unsigned p = 0; p < width; ++p) bits[p] = (code >> p & 1) != 0;
  return bits;
}

std::vector<bool> BitsOfText(const std::string& text, unsigned width) {
  std::vector<bool> bits(width);
  for (unsigned byte = 0; byte < text.size(); ++byte) {
    for (unsigned p = 0; p < 8; ++p)
      bits[width - 8 * (byte + 1) + p] = (static_cast<unsigned char>(text[byte]) >> p & 1) != 0;
  }
  return bits;
}

unsigned MostBytes(const SharedValueShape& shape) {
  if (shape.kind == ValueKind::kBytes) return shape.width / 8;
  std::size_t most = 1;
  for (const std::string& text : shape.domain) most = std::max(most, text.size());
  return static_cast<unsigned>(most);
}

// One bit of a public table as a tree of selections; equal subtrees are made once.
class TableBit {
 public:
  TableBit(BooleanCircuit& circuit, const CircuitBits& index, const std::vector<bool>& column)
      : circuit_(circuit), index_(index), column_(column) {}

  CircuitBit Under(std::size_t first, unsigned level) {
    const std::size_t count = std::size_t{1} << level;
    const std::vector<bool> part(column_.begin() + first, column_.begin() + first + count);
    if (std::find(part.begin(), part.end(), !part[0]) == part.end()) return BooleanCircuit::Constant(part[0]);
    const auto found = made_.find(part);
    if (found != made_.end()) return found->second;
    const CircuitBit low = Under(first, level - 1);
    const CircuitBit high = Under(first + count / 2, level - 1);
    const CircuitBit bit = circuit_.Select(index_[level - 1], high, low);
    made_.emplace(part, bit);
    return bit;
  }

 private:
  BooleanCircuit& circuit_;
  const CircuitBits& index_;
  const std::vector<bool>& column_;
  std::map<std::vector<bool>, CircuitBit> made_;
};

}  // namespace

std::string HashOfText(std::string_view text) {
  unsigned char digest[SHA256_DIGEST_LENGTH];
  SHA256(reinterpret_cast<const unsigned char*>(text.data()), text.size(), digest);
  return std::string(reinterpret_cast<const char*>(digest), kHashBits / 8);
}

unsigned WidthOfSpan(Int128 low, Int128 high) {
  return std::max(1u, static_cast<unsigned>(std::bit_width(static_cast<std::uint64_t>(high - low))));
}

CircuitBits ConstantBits(UInt128 value, unsigned width) {
  CircuitBits bits;
  for (unsigned p = 0; p < width; ++p) bits.push_back(BooleanCircuit::Constant(p < 128 && (value >> p & 1) != 0));
  return bits;
}

absl::StatusOr<CircuitValue> NumberOfRange(Int128 low, Int128 high, int scale) {
  if (low < -kMost || high > kMost || high - low > kMost) {
    return absl::InvalidArgumentError(
        "the declared ranges let it leave 63 bits; declare narrower `min` and `max` of the columns that it is made of");
  }
  CircuitValue value;
  value.shape.kind = ValueKind::kInteger;
  value.shape.base = static_cast<std::int64_t>(low);
  value.shape.width = WidthOfSpan(low, high);
  value.high = high;
  value.scale = scale;
  return value;
}

absl::StatusOr<SharedValueShape> CommonShape(const SharedValueShape& a, const SharedValueShape& b) {
  SharedValueShape common;
  common.nullable = a.nullable || b.nullable;
  if (a.kind == b.kind && a.kind == ValueKind::kBoolean) {
    common.kind = ValueKind::kBoolean;
    return common;
  }
  if (a.kind == b.kind && a.kind == ValueKind::kInteger) {
    const auto high_of = [](const SharedValueShape& shape) {
      return Int128{shape.base} + static_cast<Int128>((UInt128{1} << shape.width) - 1);
    };
    const Int128 low = std::min(a.base, b.base);
    // A width that is not full says less than the declared range; its excess never occurs and must not cost a refusal.
    const Int128 high = std::max(high_of(a), high_of(b));
    common.base = static_cast<std::int64_t>(low);
    const Int128 span = high - low;
    common.width = span > static_cast<Int128>(UINT64_MAX) ? 65 : WidthOfSpan(low, high);
    if (common.width > 64) return absl::InvalidArgumentError("the ranges of two numbers together leave 64 bits; declare narrower `min` and `max`");
    return common;
  }
  if (a.kind == ValueKind::kHash || b.kind == ValueKind::kHash) {
    const SharedValueShape& other = a.kind == ValueKind::kHash ? b : a;
    if (other.kind == ValueKind::kBytes) {
      return absl::InvalidArgumentError(
          "the length of a text is not declared, so it cannot be compared with one whose length is: declare `max_bytes` of both");
    }
    if (other.kind != ValueKind::kHash && other.kind != ValueKind::kCode)
      return absl::InvalidArgumentError("values of different kinds");
    common.kind = ValueKind::kHash;
    common.width = kHashBits;
    return common;
  }
  const auto is_text = [](const SharedValueShape& shape) {
    return shape.kind == ValueKind::kCode || shape.kind == ValueKind::kBytes;
  };
  if (!is_text(a) || !is_text(b)) return absl::InvalidArgumentError("values of different kinds");
  if (a.kind == ValueKind::kCode && b.kind == ValueKind::kCode) {
    common.kind = ValueKind::kCode;
    std::set_union(a.domain.begin(), a.domain.end(), b.domain.begin(), b.domain.end(), std::back_inserter(common.domain));
    common.width = WidthOfSpan(0, static_cast<Int128>(common.domain.size()) - 1);
    return common;
  }
  common.kind = ValueKind::kBytes;
  common.width = 8 * std::max(MostBytes(a), MostBytes(b));
  return common;
}

absl::StatusOr<CircuitBits> ReshapeBits(BooleanCircuit& circuit, const CircuitBits& bits, const SharedValueShape& from,
                                        const SharedValueShape& target, CompareDepth depth) {
  CARE_CHECK(bits.size() == from.width);
  const bool from_number = from.kind == ValueKind::kInteger || from.kind == ValueKind::kBoolean;
  if (from_number && target.kind == ValueKind::kInteger) {
    const Int128 shift = Int128{from.kind == ValueKind::kBoolean ? 0 : from.base} - target.base;
    return PlusPublic(circuit, Resized(bits, target.width), static_cast<UInt128>(shift), depth);
  }
  if (from.kind == ValueKind::kBoolean && target.kind == ValueKind::kBoolean) return bits;
  if (from.kind == ValueKind::kBytes && target.kind == ValueKind::kBytes) {
    if (target.width < from.width) return CircuitBits(bits.begin() + (from.width - target.width), bits.end());
    CircuitBits padded(target.width - from.width, BooleanCircuit::Constant(false));
    padded.insert(padded.end(), bits.begin(), bits.end());
    return padded;
  }
  if (from.kind == ValueKind::kHash && target.kind == ValueKind::kHash) return bits;
  if (from.kind == ValueKind::kCode && (target.kind == ValueKind::kCode || target.kind == ValueKind::kBytes ||
                                        target.kind == ValueKind::kHash)) {
    if (target.kind == ValueKind::kCode && from.domain == target.domain) return bits;
    std::vector<std::vector<bool>> table;
    for (const std::string& text : from.domain) {
      if (target.kind == ValueKind::kHash) {
        table.push_back(BitsOfText(HashOfText(text), target.width));
        continue;
      }
      if (target.kind == ValueKind::kBytes) {
        if (8 * text.size() > target.width) {
          return absl::InvalidArgumentError("a text's domain holds a value longer than the column that it is brought to");
        }
        table.push_back(BitsOfText(text, target.width));
        continue;
      }
      const auto place = std::lower_bound(target.domain.begin(), target.domain.end(), text);
      // A value that the target lacks never occurs: what is known of the target excludes it.
      const std::size_t code = place == target.domain.end() || *place != text ? 0 : place - target.domain.begin();
      table.push_back(BitsOfCode(code, target.width));
    }
    return LookUpPublic(circuit, bits, table);
  }
  return absl::InvalidArgumentError("a value cannot be brought to another kind");
}

CircuitBit BelowPublic(BooleanCircuit& circuit, const CircuitValue& value, Int128 threshold, CompareDepth depth) {
  const Int128 constant = threshold - value.shape.base;
  if (constant <= 0) return BooleanCircuit::Constant(false);
  if (threshold > value.high || constant > static_cast<Int128>(HighestOf(value))) return BooleanCircuit::Constant(true);
  // Below the constant's lowest set bit nothing decides.
  const auto zeroes = static_cast<unsigned>(std::countr_zero(static_cast<std::uint64_t>(constant)));
  const CircuitBits bits = ConstantBits(static_cast<UInt128>(constant), value.shape.width);
  return mpc::Less(circuit, std::span(value.bits).subspan(zeroes), std::span(bits).subspan(zeroes), depth);
}

CircuitBits LookUpPublic(BooleanCircuit& circuit, const CircuitBits& index, std::span<const std::vector<bool>> table) {
  CARE_CHECK(!table.empty() && index.size() < 32);
  const std::size_t size = std::size_t{1} << index.size();
  CircuitBits result;
  for (std::size_t p = 0; p < table[0].size(); ++p) {
    std::vector<bool> column(size);
    for (std::size_t i = 0; i < size; ++i) column[i] = table[std::min(i, table.size() - 1)][p];
    TableBit tree(circuit, index, column);
    result.push_back(tree.Under(0, static_cast<unsigned>(index.size())));
  }
  return result;
}

CircuitBit Either(BooleanCircuit& circuit, CircuitBit a, CircuitBit b) {
  return BooleanCircuit::Not(circuit.And(BooleanCircuit::Not(a), BooleanCircuit::Not(b)));
}

CircuitBits SelectBits(BooleanCircuit& circuit, CircuitBit flag, const CircuitBits& when_set,
                       const CircuitBits& otherwise) {
  CARE_CHECK(when_set.size() == otherwise.size());
  CircuitBits selected;
  for (std::size_t p = 0; p < when_set.size(); ++p)
    selected.push_back(circuit.Select(flag, when_set[p], otherwise[p]));
  return selected;
}

absl::StatusOr<CircuitValue> SumOf(BooleanCircuit& circuit, const CircuitValue& a, const CircuitValue& b,
                                   CompareDepth depth) {
  CARE_CHECK(a.scale == b.scale);
  CARE_ASSIGN_OR_RETURN(CircuitValue sum,
                        NumberOfRange(Int128{a.shape.base} + b.shape.base, a.high + b.high, a.scale));
  sum.known = circuit.And(a.known, b.known);
  sum.bits = mpc::Sum(circuit, Resized(a.bits, sum.shape.width), Resized(b.bits, sum.shape.width), depth);
  return sum;
}

absl::StatusOr<CircuitValue> NegativeOf(const CircuitValue& a) {
  // -(base + u) = -(base + 2^w - 1) + (2^w - 1 - u), and the latter is u with every bit inverted.
  const Int128 low = -(Int128{a.shape.base} + static_cast<Int128>(HighestOf(a)));
  CARE_ASSIGN_OR_RETURN(CircuitValue negative, NumberOfRange(low, -Int128{a.shape.base}, a.scale));
  negative.known = a.known;
  for (const CircuitBit bit : a.bits) negative.bits.push_back(BooleanCircuit::Not(bit));
  return negative;
}

absl::StatusOr<CircuitValue> MagnitudeOf(BooleanCircuit& circuit, const CircuitValue& a, CompareDepth depth) {
  if (a.shape.base >= 0) return a;
  if (a.high <= 0) return NegativeOf(a);
  CARE_ASSIGN_OR_RETURN(CircuitValue magnitude,
                        NumberOfRange(0, std::max(-Int128{a.shape.base}, a.high), a.scale));
  magnitude.known = a.known;
  const CircuitBit negative = BelowPublic(circuit, a, 0, depth);
  CircuitBits flipped = PlusPublic(circuit, Resized(a.bits, magnitude.shape.width),
                                   static_cast<UInt128>(Int128{a.shape.base}), depth);
  for (CircuitBit& bit : flipped) bit = circuit.Xor(bit, negative);
  magnitude.bits = mpc::Sum(circuit, flipped, Resized({negative}, magnitude.shape.width), depth);
  return magnitude;
}

absl::StatusOr<CircuitValue> ProductOf(BooleanCircuit& circuit, const CircuitValue& a, const CircuitValue& b,
                                       CompareDepth depth) {
  const Int128 corners[] = {Int128{a.shape.base} * b.shape.base, Int128{a.shape.base} * b.high,
                            a.high * b.shape.base, a.high * b.high};
  const Int128 low = *std::min_element(corners, corners + 4);
  CARE_ASSIGN_OR_RETURN(CircuitValue product,
                        NumberOfRange(low, *std::max_element(corners, corners + 4), a.scale + b.scale));
  product.known = circuit.And(a.known, b.known);
  const unsigned width = product.shape.width;
  // (p + u)(q + v) - low = u v + p v + q u + (p q - low), modulo 2^width.
  CircuitBits total = ConstantBits(0, width);
  for (unsigned shift = 0; shift < b.bits.size() && shift < width; ++shift) {
    CircuitBits term = ConstantBits(0, width);
    for (unsigned p = 0; p < a.bits.size() && p + shift < width; ++p)
      term[p + shift] = circuit.And(a.bits[p], b.bits[shift]);
    total = shift == 0 ? term : mpc::Sum(circuit, total, term, depth);
  }
  const auto add_multiple = [&](const CircuitBits& bits, std::int64_t factor) {
    if (factor == 0) return;
    const CircuitBits term =
        mpc::ProductWithPublic(circuit, Resized(bits, width), static_cast<std::uint64_t>(factor), depth);
    total = mpc::Sum(circuit, total, term, depth);
  };
  add_multiple(b.bits, a.shape.base);
  add_multiple(a.bits, b.shape.base);
  product.bits = PlusPublic(circuit, total, static_cast<UInt128>(Int128{a.shape.base} * b.shape.base - low), depth);
  return product;
}

absl::StatusOr<CircuitValue> MovedBy(const CircuitValue& a, Int128 distance) {
  CircuitValue moved = a;
  CARE_ASSIGN_OR_RETURN(const CircuitValue range, NumberOfRange(Int128{a.shape.base} + distance, a.high + distance, a.scale));
  moved.shape = range.shape;
  moved.shape.width = a.shape.width;
  moved.high = range.high;
  return moved;
}

absl::StatusOr<CircuitValue> TimesPublic(BooleanCircuit& circuit, const CircuitValue& a, std::int64_t factor,
                                         CompareDepth depth) {
  if (factor == INT64_MIN) return NumberOfRange(0, Int128{1} << 64, 0);  // refused
  if (factor < 0) {
    CARE_ASSIGN_OR_RETURN(const CircuitValue negative, NegativeOf(a));
    return TimesPublic(circuit, negative, -factor, depth);
  }
  CARE_ASSIGN_OR_RETURN(CircuitValue product,
                        NumberOfRange(Int128{a.shape.base} * factor, a.high * factor, a.scale));
  product.known = a.known;
  product.bits = mpc::ProductWithPublic(circuit, Resized(a.bits, product.shape.width),
                                        static_cast<std::uint64_t>(factor), depth);
  return product;
}

absl::StatusOr<CircuitValue> AtScale(BooleanCircuit& circuit, const CircuitValue& a, int scale, CompareDepth depth) {
  CARE_CHECK(scale >= a.scale);
  if (scale - a.scale > 18) return absl::InvalidArgumentError("numbers whose digits after the point differ by more than 18");
  std::int64_t factor = 1;
  for (int digits = a.scale; digits < scale; ++digits) factor *= 10;
  CircuitValue scaled = a;
  if (factor != 1) {
    CARE_ASSIGN_OR_RETURN(scaled, TimesPublic(circuit, a, factor, depth));
  }
  scaled.scale = scale;
  return scaled;
}

}  // namespace care::planner
