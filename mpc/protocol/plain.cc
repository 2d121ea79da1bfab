#include "mpc/protocol/plain.h"

#include <algorithm>
#include <map>
#include <set>

#include "engine/types/check.h"
#include "mpc/circuit/circuit_program.h"
#include "mpc/protocol/circuit_registers.h"
#include "mpc/protocol/local_operations.h"
#include "mpc/random/permutation.h"
#include "mpc/share/compared_rows.h"
#include "mpc/share/ring_elements.h"

namespace care::mpc {
namespace {

BitColumn Column(BitPlanes value) {
  std::vector<BitPlanes> parts;
  parts.push_back(std::move(value));
  return BitColumn(std::move(parts));
}

RingColumn Column(std::vector<std::uint64_t> value, unsigned width) {
  std::vector<std::vector<std::uint64_t>> parts;
  parts.push_back(std::move(value));
  return RingColumn(std::move(parts), width);
}

// Rows in the order of `source`.
BitColumn GatherColumn(const BitColumn& column, std::span<const std::uint32_t> source) {
  BitColumn gathered(source.size(), column.width(), 1);
  for (std::size_t row = 0; row < source.size(); ++row) {
    for (unsigned p = 0; p < column.width(); ++p) {
      gathered.part(0).Set(row, p, column.part(0).Get(source[row], p));
    }
  }
  return gathered;
}

Protocol::Columns GatherColumns(const Protocol::Columns& in, std::span<const std::uint32_t> source) {
  Protocol::Columns out;
  for (const BitColumn& column : in.bits) out.bits.push_back(GatherColumn(column, source));
  for (const RingColumn& column : in.rings) {
    for (const std::uint32_t row : source) CARE_CHECK(row < column.rows());
    out.rings.push_back(column.Gather(source));
  }
  return out;
}

std::size_t RowsOf(const Protocol::Columns& in) {
  return !in.bits.empty() ? in.bits[0].rows() : !in.rings.empty() ? in.rings[0].rows() : 0;
}

// What stands where a lookup found nothing: never zero, the same in every run.
std::uint64_t Garbage(std::size_t row, unsigned column) {
  return ((row + 1) * 0x9e3779b97f4a7c15 + (column + 1) * 0xbf58476d1ce4e5b9) | 1;
}

}  // namespace

absl::StatusOr<BitColumn> Plain::InputBits(PartyId owner, const BitPlanes* clear, std::size_t rows,
                                           unsigned width) {
  CARE_CHECK(owner != kNoParty && clear != nullptr);
  CARE_CHECK(clear->rows() == rows && clear->width() == width);
  return Column(*clear);
}

absl::StatusOr<RingColumn> Plain::InputRing(PartyId owner, const std::vector<std::uint64_t>* clear,
                                            std::size_t rows, unsigned width) {
  CARE_CHECK(owner != kNoParty && clear != nullptr);
  CARE_CHECK(clear->size() == rows * RingWords(width));
  return Column(*clear, width);
}

BitColumn Plain::PublicBits(const BitPlanes& value) const { return Column(value); }
BitColumn Plain::Xor(const BitColumn& a, const BitColumn& b) const { return local::Xor(a, b); }

BitColumn Plain::Not(const BitColumn& a) const {
  BitColumn result = a;
  for (std::uint64_t& word : result.part(0).words()) word = ~word;
  return result;
}

BitColumn Plain::AndPublic(const BitColumn& a, const BitPlanes& mask) const {
  return local::AndPublic(a, mask);
}
BitColumn Plain::PrefixXor(const BitColumn& a) const { return local::PrefixXor(a); }

RingColumn Plain::PublicRing(std::span<const std::uint64_t> value, unsigned width) const {
  return Column(std::vector<std::uint64_t>(value.begin(), value.end()), width);
}
RingColumn Plain::Add(const RingColumn& a, const RingColumn& b) const { return local::Add(a, b); }
RingColumn Plain::Subtract(const RingColumn& a, const RingColumn& b) const { return local::Subtract(a, b); }
RingColumn Plain::MultiplyPublic(const RingColumn& a, absl::uint128 factor) const {
  return local::MultiplyPublic(a, factor);
}
RingColumn Plain::PrefixSum(const RingColumn& a) const { return local::PrefixSum(a); }
RingColumn Plain::Sum(const RingColumn& a) const { return local::Sum(a); }

absl::StatusOr<BitColumn> Plain::And(const BitColumn& a, const BitColumn& b) {
  CARE_CHECK(a.rows() == b.rows() && (a.width() == b.width() || b.width() == 1));
  BitColumn result(a.rows(), a.width(), 1);
  for (unsigned p = 0; p < a.width(); ++p) {
    const auto left = a.part(0).plane(p);
    const auto right = b.part(0).plane(b.width() == 1 ? 0 : p);
    const auto out = result.part(0).plane(p);
    for (std::size_t k = 0; k < out.size(); ++k) out[k] = left[k] & right[k];
  }
  return result;
}

absl::StatusOr<BitColumn> Plain::LessThanRows(const ComparedRows& rows, std::span<const RowRun> runs) {
  const auto [a, b] = rows.Gather(runs);
  BitColumn less(a.rows(), 1, 1);
  for (std::size_t i = 0; i < less.rows(); ++i) {
    unsigned p = rows.width();
    while (p > 0 && a.part(0).Get(i, p - 1) == b.part(0).Get(i, p - 1)) --p;
    less.part(0).Set(i, 0, p > 0 && b.part(0).Get(i, p - 1));
  }
  return less;
}

absl::StatusOr<BitColumn> Plain::Evaluate(const BooleanCircuit& circuit,
                                          std::span<const BitColumn* const> inputs) {
  CARE_CHECK(!inputs.empty());
  unsigned planes = 0;
  for (const BitColumn* column : inputs) {
    CARE_CHECK(column->rows() == inputs[0]->rows());
    planes += column->width();
  }
  CARE_CHECK(planes == circuit.input_count());
  const CircuitProgram program(circuit);
  BitColumn result(inputs[0]->rows(), static_cast<unsigned>(program.outputs.size()), 1);
  constexpr std::size_t kChunkWords = 512;
  CircuitRegisters registers(program, inputs, {~std::uint64_t{0}}, kChunkWords, 1, BestKernels());
  const std::size_t words_per_plane = (result.rows() + 63) / 64;
  for (std::size_t first = 0; first < words_per_plane; first += kChunkWords) {
    const CircuitChunk chunk = {0, first, std::min(kChunkWords, words_per_plane - first)};
    for (const CircuitRound& round : program.rounds) {
      for (const CircuitStep& step : round.steps) {
        if (!step.is_and) {
          registers.Xor(chunk, step);
          continue;
        }
        const std::uint64_t* a = registers.Read(chunk, 0, step.a);
        const std::uint64_t* b = registers.Read(chunk, 0, step.b);
        std::uint64_t* out = registers.Write(chunk, 0, step.out);
        for (std::size_t k = 0; k < chunk.words; ++k) out[k] = a[k] & b[k];
      }
    }
    for (const CircuitStep& step : program.last_steps) registers.Xor(chunk, step);
    registers.Output(chunk, result);
  }
  return result;
}

absl::StatusOr<RingColumn> Plain::Multiply(const RingColumn& a, const RingColumn& b) {
  CARE_CHECK(a.rows() == b.rows() && a.width() == b.width());
  return SumOfProducts({a}, {b});
}

absl::StatusOr<RingColumn> Plain::SumOfProducts(const std::vector<RingColumn>& lefts,
                                                const std::vector<RingColumn>& rights) {
  CARE_CHECK(!lefts.empty() && lefts.size() == rights.size());
  RingColumn sum(lefts[0].rows(), 1, lefts[0].width());
  for (std::size_t j = 0; j < lefts.size(); ++j) {
    CARE_CHECK(lefts[j].rows() == sum.rows() && rights[j].rows() == sum.rows());
    WithElements(sum.width(), [&](auto elements) {
      const std::uint64_t* left = lefts[j].part(0).data();
      const std::uint64_t* right = rights[j].part(0).data();
      std::uint64_t* out = sum.part(0).data();
      for (std::size_t row = 0; row < sum.rows(); ++row) {
        elements.Set(out, row, elements.Get(out, row) + elements.Get(left, row) * elements.Get(right, row));
      }
    });
  }
  return sum;
}

absl::StatusOr<RingColumn> Plain::DotProducts(std::span<const RingColumn* const> lefts,
                                              std::span<const RingColumn* const> rights) {
  CARE_CHECK(lefts.size() == rights.size());
  RingColumn result(lefts.size(), 1, lefts.empty() ? kDefaultRing : lefts[0]->width());
  for (std::size_t j = 0; j < lefts.size(); ++j) {
    CARE_CHECK(lefts[j]->rows() == rights[j]->rows());
    CARE_CHECK(lefts[j]->width() == result.width() && rights[j]->width() == result.width());
    WithElements(result.width(), [&](auto elements) {
      auto sum = elements.Of(0);
      for (std::size_t row = 0; row < lefts[j]->rows(); ++row) {
        sum += elements.Get(lefts[j]->part(0).data(), row) * elements.Get(rights[j]->part(0).data(), row);
      }
      elements.Set(result.part(0).data(), j, sum);
    });
  }
  return result;
}

absl::StatusOr<std::vector<RingColumn>> Plain::BitsToRing(const BitColumn& bits, unsigned ring_width) {
  std::vector<RingColumn> result;
  for (unsigned p = 0; p < bits.width(); ++p) {
    RingColumn column(bits.rows(), 1, ring_width);
    for (std::size_t row = 0; row < bits.rows(); ++row) {
      column.part(0)[row * column.words_per_row()] = bits.part(0).Get(row, p);
    }
    result.push_back(std::move(column));
  }
  return result;
}

absl::StatusOr<std::vector<RingColumn>> Plain::MaskOwned(
    const BitColumn& flag, PartyId owner, const std::vector<std::vector<std::uint64_t>>* values,
    unsigned value_count, unsigned ring_width) {
  CARE_CHECK(owner != kNoParty && values != nullptr);
  CARE_CHECK(flag.width() == 1 && values->size() == value_count);
  std::vector<RingColumn> result;
  for (const auto& value : *values) {
    RingColumn column(flag.rows(), 1, ring_width);
    CARE_CHECK(value.size() == column.part(0).size());
    for (std::size_t word = 0; word < value.size(); ++word) {
      column.part(0)[word] = flag.part(0).Get(word / column.words_per_row(), 0) ? value[word] : 0;
    }
    result.push_back(std::move(column));
  }
  return result;
}

absl::StatusOr<RingColumn> Plain::IntegersToRing(const BitColumn& a, unsigned ring_width, CompareDepth) {
  RingColumn result(a.rows(), 1, ring_width);
  a.part(0).Planes(0, std::min(a.width(), ring_width)).ToRows(result.part(0), result.words_per_row());
  return result;
}

absl::StatusOr<BitColumn> Plain::RingToBits(const RingColumn& a, unsigned width, CompareDepth) {
  CARE_CHECK(width >= 1 && width <= a.width());
  return Column(BitPlanes::FromRows(a.part(0), a.words_per_row(), a.rows(), width));
}

absl::StatusOr<RingColumn> Plain::Widen(const RingColumn& a, unsigned ring_width) {
  const unsigned width = a.width();
  CARE_CHECK(width >= 2 && width <= 64 && width < ring_width && ring_width <= kWidestRing);
  RingColumn result(a.rows(), 1, ring_width);
  for (std::size_t row = 0; row < a.rows(); ++row) {
    const auto value = static_cast<std::int64_t>(a.part(0)[row] << (64 - width)) >> (64 - width);
    const std::int64_t bound = std::int64_t{1} << (width - 2);
    if (value < -bound || value >= bound) return absl::InternalError("a value is too large to be widened");
    WithElements(ring_width, [&](auto elements) { elements.Set(result.part(0).data(), row, elements.Of(value)); });
  }
  return result;
}

absl::StatusOr<LookupResult> Plain::Lookup(const LookupShape& shape, const LookupArm* arm,
                                           const LookupSpine* spine) {
  CARE_CHECK(arm != nullptr && spine != nullptr);
  CARE_CHECK(shape.helper != shape.arm && shape.helper != shape.spine && shape.arm != shape.spine);
  CARE_CHECK(arm->keys.size() <= shape.arm_bound && arm->rings.size() == shape.payload_rings);
  CARE_CHECK(arm->bits.width() == shape.payload_bits);
  CARE_CHECK(shape.payload_bits == 0 || arm->bits.rows() == arm->keys.size());
  CARE_CHECK(spine->keys.size() == shape.spine_rows && spine->present.size() == shape.spine_rows);
  std::map<JoinKey, std::size_t> row_of_key;
  for (std::size_t row = 0; row < arm->keys.size(); ++row) {
    CARE_CHECK(row_of_key.emplace(arm->keys[row], row).second);
  }
  LookupResult result{
      BitColumn(shape.spine_rows, 1, 1), BitColumn(shape.spine_rows, shape.payload_bits, 1), {}};
  for (unsigned c = 0; c < shape.payload_rings; ++c) {
    CARE_CHECK(arm->rings[c].size() == arm->keys.size());
    result.rings.emplace_back(shape.spine_rows, 1);
  }
  std::set<JoinKey> seen;
  for (std::size_t row = 0; row < shape.spine_rows; ++row) {
    auto found = row_of_key.end();
    if (spine->present[row] != 0) {
      CARE_CHECK(seen.insert(spine->keys[row]).second);
      found = row_of_key.find(spine->keys[row]);
    }
    const bool matched = found != row_of_key.end();
    result.matched.part(0).Set(row, 0, matched);
    for (unsigned p = 0; p < shape.payload_bits; ++p) {
      const bool garbage = p % 64 == 0 || (Garbage(row, p / 64) >> p % 64 & 1) != 0;
      result.bits.part(0).Set(row, p, matched ? arm->bits.Get(found->second, p) : garbage);
    }
    for (unsigned c = 0; c < shape.payload_rings; ++c) {
      result.rings[c].part(0)[row] = matched ? arm->rings[c][found->second] : Garbage(row, c);
    }
  }
  return result;
}

absl::StatusOr<Protocol::Columns> Plain::GatherByOwner(PartyId owner,
                                                       const std::vector<std::uint32_t>* source,
                                                       std::size_t out_rows, const Columns& in) {
  CARE_CHECK(owner != kNoParty && source != nullptr && source->size() == out_rows);
  const std::set<std::uint32_t> used(source->begin(), source->end());
  CARE_CHECK(used.size() == out_rows && (used.empty() || *used.rbegin() < RowsOf(in)));
  return GatherColumns(in, *source);
}

absl::StatusOr<std::vector<RingColumn>> Plain::ReadByOwner(PartyId owner,
                                                           const std::vector<std::uint32_t>* positions,
                                                           std::size_t outputs,
                                                           const std::vector<RingColumn>& in) {
  CARE_CHECK(owner != kNoParty && positions != nullptr && positions->size() == outputs);
  std::vector<RingColumn> out;
  for (const RingColumn& column : in) {
    for (const std::uint32_t position : *positions) CARE_CHECK(position < column.rows());
    out.push_back(column.Gather(*positions));
  }
  return out;
}

absl::StatusOr<Protocol::Shuffled> Plain::Shuffle(const Columns& in) {
  // There is nothing to hide here, so the order may be the same in every run.
  constexpr std::array<std::uint8_t, Prg::kKeyBytes> kKey = {};
  Prg prg(kKey);
  const std::size_t rows = RowsOf(in);
  SecretPermutation permutation(rows, 0, {UniformPermutation(prg, shuffles_++, 0, rows), {}, {}});
  Columns out = GatherColumns(in, permutation.factor(0));
  return Shuffled{std::move(out), std::move(permutation)};
}

absl::StatusOr<Protocol::Columns> Plain::ShuffleAlike(const SecretPermutation& permutation, const Columns& in) {
  CARE_CHECK(RowsOf(in) == permutation.rows());
  return GatherColumns(in, permutation.factor(0));
}

absl::StatusOr<Protocol::Columns> Plain::Unshuffle(const SecretPermutation& permutation, const Columns& in) {
  CARE_CHECK(RowsOf(in) == permutation.rows());
  std::vector<std::uint32_t> inverse(permutation.rows());
  for (std::size_t i = 0; i < inverse.size(); ++i) inverse[permutation.factor(0)[i]] = static_cast<std::uint32_t>(i);
  return GatherColumns(in, inverse);
}

absl::StatusOr<std::optional<BitPlanes>> Plain::Open(const BitColumn& a, const Disclosure& disclosure) {
  guard_.Open(disclosure, a.rows());
  BitPlanes value = a.part(0);
  value.ClearPastLastRow();
  return std::optional<BitPlanes>(std::move(value));
}

absl::StatusOr<std::optional<std::vector<std::uint64_t>>> Plain::Open(const RingColumn& a,
                                                                      const Disclosure& disclosure) {
  guard_.Open(disclosure, a.rows());
  std::vector<std::uint64_t> value = a.part(0);
  ClearAboveWidth(value, a.width());
  return std::optional<std::vector<std::uint64_t>>(std::move(value));
}

}  // namespace care::mpc
