// Between Boolean and ring columns.
//
//   Bit to ring   c = b0 ^ b1 is known to P0, d = b2 to P1 and P2. P0 sends t = c - r0 to P1, r0 from its
//                 seed with P2. As b = c + d - 2cd, b = [t(1 - 2d) + d] + [r0(1 - 2d)], the first known to
//                 P1, the second to P2. Shares y0 and y1 are drawn by P0 with P2 and P1; P1 and P2 exchange
//                 the rest under y1 and y0 and both set y2 to the sum. 3 elements, 2 rounds; P0 receives
//                 nothing, t is uniform to P1 and each exchanged message to the other, which lacks the mask.
//   Ring to bits  x0 + x1 is P0's input, x2 is known to P1 and P2 and so is a sharing already; a prefix adder
//                 (Sklansky's: as few rounds as any, half the gates of Kogge and Stone's) adds the low bits.

#include "engine/types/check.h"
#include "engine/types/status_macros.h"
#include "mpc/protocol/replicated3/exchange.h"
#include "mpc/protocol/replicated3/replicated3.h"

namespace care::mpc {
namespace {

// Calls visit(index, bit) for every bit, plane after plane; index counts plane * rows + row.
template <typename Visit>
void ForEachBit(const BitPlanes& bits, Visit visit) {
  std::size_t index = 0;
  for (unsigned p = 0; p < bits.width(); ++p) {
    const auto plane = bits.plane(p);
    for (std::size_t row = 0; row < bits.rows(); ++row, ++index)
      visit(index, plane[row / 64] >> (row % 64) & 1);
  }
}

}  // namespace

absl::StatusOr<std::vector<RingColumn>> Replicated3::BitsToRing(const BitColumn& bits) {
  const std::uint32_t operation = NextOperation();
  rounds_ += 2;
  const std::size_t words = bits.rows() * bits.width();
  Parts parts;
  if (role_ == 0) {
    parts[0] = MaskWith(2, operation, 0, words);
    parts[1] = MaskWith(1, operation, 0, words);
    std::vector<std::uint64_t> t = MaskWith(2, operation, 1, words);
    BitPlanes c = bits.part(0);
    for (std::size_t k = 0; k < c.words().size(); ++k) c.words()[k] ^= bits.part(1).words()[k];
    ForEachBit(c, [&](std::size_t k, std::uint64_t bit) { t[k] = bit - t[k]; });
    CARE_RETURN_IF_ERROR(Exchange({{&next_, t}}, {}));
  } else {
    // `mine` is b's summand that this party can compute, less its mask; d as 0 or all ones negates.
    std::vector<std::uint64_t> mine(words);
    const unsigned other = 3 - role_;
    if (role_ == 1) {
      CARE_RETURN_IF_ERROR(Exchange({}, {{&previous_, mine}}));
      ForEachBit(bits.part(1),
                 [&](std::size_t k, std::uint64_t d) { mine[k] = (mine[k] ^ (0 - d)) + 2 * d; });
    } else {
      mine = MaskWith(0, operation, 1, words);
      ForEachBit(bits.part(0), [&](std::size_t k, std::uint64_t d) { mine[k] = (mine[k] ^ (0 - d)) + d; });
    }
    std::vector<std::uint64_t>& mask = parts[role_ == 1 ? 0 : 1];
    std::vector<std::uint64_t>& sum = parts[role_ == 1 ? 1 : 0];
    mask = MaskWith(0, operation, 0, words);
    for (std::size_t k = 0; k < words; ++k) mine[k] -= mask[k];
    sum.resize(words);
    CARE_RETURN_IF_ERROR(Exchange({{&ChannelTo(other), mine}}, {{&ChannelTo(other), sum}}));
    for (std::size_t k = 0; k < words; ++k) sum[k] += mine[k];
  }
  std::vector<RingColumn> columns;
  for (unsigned p = 0; p < bits.width(); ++p) {
    columns.push_back(RingFromParts(parts, p * bits.rows(), bits.rows()));
  }
  return columns;
}

absl::StatusOr<BitColumn> Replicated3::RingToBits(const RingColumn& a, unsigned width) {
  CARE_CHECK(width >= 1 && width <= 64);
  const std::uint32_t operation = NextOperation();
  ++rounds_;
  const std::size_t rows = a.rows();
  BitPlanes clear;
  BitColumn right(rows, width, 2);  // x2: share 2, the other two zero
  if (role_ == 0) {
    std::vector<std::uint64_t> sum(rows);
    for (std::size_t row = 0; row < rows; ++row) sum[row] = a.part(0)[row] + a.part(1)[row];
    clear = BitPlanes::FromIntegers(sum, width);
  } else {
    const unsigned part = PartOfShare(2);
    right.part(part) = BitPlanes::FromIntegers(a.part(part), width);
  }
  const std::size_t words = right.part(0).words().size();
  CARE_ASSIGN_OR_RETURN(const Parts parts, InputWords(operation, 0, 0, clear.words(), words, Group::kXor));
  const BitColumn left = BitsFromParts(parts, 0, rows, width);
  BitColumn sum = Xor(left, right);
  if (width == 1) return sum;

  // generate[i], propagate[i] of bits first..i, where `first` sinks to 0 level by level; the carry out of the
  // top bit is not needed. At a level of span s, positions with bit s of i set join the group that ends below
  // them.
  const unsigned positions = width - 1;
  CARE_ASSIGN_OR_RETURN(const BitColumn both, And(left.Planes(0, positions), right.Planes(0, positions)));
  std::vector<BitColumn> generate, propagate;
  for (unsigned i = 0; i < positions; ++i) {
    generate.push_back(both.Planes(i, 1));
    propagate.push_back(sum.Planes(i, 1));
  }
  for (unsigned span = 1; span < positions; span *= 2) {
    std::vector<const BitColumn*> lefts, rights;
    for (unsigned i = 0; i < positions; ++i) {
      if ((i & span) == 0) continue;
      const unsigned below = (i & ~(span - 1)) - 1;
      lefts.push_back(&propagate[i]);
      rights.push_back(&generate[below]);
      if (i >= 2 * span) {  // the joined group does not reach bit 0 yet
        lefts.push_back(&propagate[i]);
        rights.push_back(&propagate[below]);
      }
    }
    CARE_ASSIGN_OR_RETURN(const BitColumn products,
                          And(BitColumn::JoinPlanes(lefts), BitColumn::JoinPlanes(rights)));
    unsigned plane = 0;
    for (unsigned i = 0; i < positions; ++i) {
      if ((i & span) == 0) continue;
      generate[i] = Xor(generate[i], products.Planes(plane++, 1));
      if (i >= 2 * span) propagate[i] = products.Planes(plane++, 1);
    }
  }
  BitColumn zero(rows, 1, 2);
  std::vector<const BitColumn*> carries = {&zero};
  for (const BitColumn& carry : generate) carries.push_back(&carry);
  return Xor(sum, BitColumn::JoinPlanes(carries));
}

}  // namespace care::mpc
