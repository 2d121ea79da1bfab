// Rows in an order that nobody knows.
//
// pi is the composition of three uniform permutations, each known to one pair. D is the dealer, E and F the
// other two; D holds A, the sum of its two shares, E and F both hold B, the third share. In gathers:
//
//   D  sends  A'' = second(first(A + Z) + Z')     to E      Z from the pair D-E, Z' from D-F
//   E  sends  B'  = first(B - Z)                  to F
//   F  forms  B'' = second(B' - Z')
//   E and F hold A'' and B'', whose sum is the block in the order of the first two. Each applies the third,
//   subtracts a fresh share that D draws with it (y), and sends the rest to the other; the sum of what they
//   sent is their common share.
//
// The way back is the same protocol with the inverse factors in reverse order: F, who knows the last two, deals.
//
//   Rounds    2.
//   Traffic   4 W bits a row, W the width of all columns, rings at theirs.
//   Views     D receives nothing. E receives A'' under Z', which it lacks, and F's last message under D and F's
//             y. F receives B' under Z and E's last message under D and E's y. Each lacks one factor, so pi is
//             uniform to it. Views and permutation are tested together (replicated3_shuffle_test.cc): leaving
//             out Z shows only in F's view beside pi.
//   Roles     fixed for a permutation, for all its columns; the dealer rotates from one shuffle to the next.
//   Source    Chida, Hamada, Ikarashi, Kikuchi, Kiribuchi, Pinkas, ePrint 2019/695, algorithm 9.

#include <algorithm>

#include "engine/types/check.h"
#include "engine/types/status_macros.h"
#include "mpc/protocol/replicated3/exchange.h"
#include "mpc/protocol/replicated3/packed_rows.h"
#include "mpc/protocol/replicated3/replicated3.h"
#include "mpc/random/permutation.h"

namespace care::mpc {
namespace {

constexpr std::uint8_t kMaskLeft = 0;   // Z
constexpr std::uint8_t kMaskRight = 1;  // Z'
constexpr std::uint8_t kReshare = 2;
constexpr std::uint8_t kPermutation = 3;

using Factor = SecretPermutation::Factor;

Factor InverseOf(const Factor& factor) {
  Factor inverse(factor.size());
  for (std::size_t i = 0; i < factor.size(); ++i) inverse[factor[i]] = static_cast<std::uint32_t>(i);
  return inverse;
}

}  // namespace

absl::StatusOr<Protocol::Columns> Replicated3::PermuteRows(std::uint32_t operation, const RowOrder& order,
                                                           const Columns& in) {
  const unsigned dealer = order.dealer, left = order.left, right = order.right;
  const BlockShape shape = ShapeOfColumns(in);
  const std::size_t words = shape.words();
  const BlockWire wire(in);
  const auto pack = [&](RawBuffer<std::uint64_t> flat) {
    return wire.IsFlat() ? std::move(flat) : wire.Pack(flat.span());
  };
  const auto mask_with = [&](unsigned other, std::uint8_t stream) {
    PackedRows mask(shape);
    PrgWith(other).FillWords(operation, stream, 0, mask.words());
    return mask;
  };
  Parts parts;
  if (role_ == dealer) {
    PackedRows rows = PackedRows::FromBothParts(in);
    rows.Add(mask_with(left, kMaskLeft));
    PackedRows twice = mask_with(right, kMaskRight);
    twice.AddGathered(rows, *order.first);
    const RawBuffer<std::uint64_t> message = pack(twice.Gather(*order.second).ToFlat());
    CARE_RETURN_IF_ERROR(Exchange({{&ChannelTo(left), message.span()}}, {}));
    for (const unsigned other : {left, right}) {
      parts[PartOfShare(ShareOfPair(role_, other))] = MaskWith(other, operation, kReshare, words);
    }
  } else {
    RawBuffer<std::uint64_t> received(wire.words());
    PackedRows summand;
    if (role_ == left) {
      PackedRows rows = PackedRows::FromPart(in, PartOfShare(ShareOfPair(left, right)));
      rows.Subtract(mask_with(dealer, kMaskLeft));
      const RawBuffer<std::uint64_t> message = pack(rows.Gather(*order.first).ToFlat());
      CARE_RETURN_IF_ERROR(
          Exchange({{&ChannelTo(right), message.span()}}, {{&ChannelTo(dealer), received.span()}}));
      summand = PackedRows::FromFlat(shape, wire.Unpack(std::move(received))).Gather(*order.third);
    } else {
      CARE_RETURN_IF_ERROR(Exchange({}, {{&ChannelTo(left), received.span()}}));
      PackedRows rows = PackedRows::FromFlat(shape, wire.Unpack(std::move(received)));
      rows.Subtract(mask_with(dealer, kMaskRight));
      Factor both(shape.rows);
      for (std::size_t i = 0; i < shape.rows; ++i) both[i] = (*order.second)[(*order.third)[i]];
      summand = rows.Gather(both);
    }
    const unsigned peer = role_ == left ? right : left;
    std::vector<std::uint64_t>& drawn = parts[PartOfShare(ShareOfPair(role_, dealer))];
    std::vector<std::uint64_t>& common = parts[PartOfShare(ShareOfPair(left, right))];
    drawn = MaskWith(dealer, operation, kReshare, words);
    RawBuffer<std::uint64_t> rest = std::move(summand).ToFlat();
    SubtractFlat(shape, rest.span(), drawn);
    common.resize(words);
    if (wire.IsFlat()) {
      CARE_RETURN_IF_ERROR(
          Exchange({{&ChannelTo(peer), rest.span()}}, {{&ChannelTo(peer), std::span(common)}}));
    } else {
      const RawBuffer<std::uint64_t> packed = wire.Pack(rest.span());
      RawBuffer<std::uint64_t> theirs(wire.words());
      CARE_RETURN_IF_ERROR(
          Exchange({{&ChannelTo(peer), packed.span()}}, {{&ChannelTo(peer), theirs.span()}}));
      std::ranges::copy(wire.Unpack(std::move(theirs)).span(), common.begin());
    }
    AddFlat(shape, common, rest.span());
  }
  if (in.bits.empty() && in.rings.size() == 1) {
    Columns out;
    out.rings.push_back(RingColumn({std::move(parts[0]), std::move(parts[1])}, in.rings[0].width()));
    return out;
  }
  return ColumnsFromFlat(parts, shape.rows, in);
}

absl::StatusOr<Protocol::Shuffled> Replicated3::Shuffle(const Columns& in) {
  const std::uint32_t operation = operation_;  // that ShuffleAlike takes
  const std::size_t rows = ShapeOfColumns(in).rows;
  std::array<Factor, 3> factors;
  for (const unsigned other : {NextRole(role_), PreviousRole(role_)}) {
    factors[ShareOfPair(role_, other)] = UniformPermutation(PrgWith(other), operation, kPermutation, rows);
  }
  Shuffled shuffled{{}, SecretPermutation(rows, operation % 3, std::move(factors))};
  CARE_ASSIGN_OR_RETURN(shuffled.columns, ShuffleAlike(shuffled.permutation, in));
  return shuffled;
}

absl::StatusOr<Protocol::Columns> Replicated3::ShuffleAlike(const SecretPermutation& permutation,
                                                            const Columns& in) {
  CARE_CHECK(ShapeOfColumns(in).rows == permutation.rows());
  const std::uint32_t operation = NextOperation();
  rounds_ += 2;
  const unsigned dealer = permutation.dealer(), left = NextRole(dealer), right = PreviousRole(dealer);
  const auto known = [&](unsigned one, unsigned other) {
    return role_ == one || role_ == other ? &permutation.factor(ShareOfPair(one, other)) : nullptr;
  };
  return PermuteRows(
      operation, {dealer, left, right, known(dealer, left), known(dealer, right), known(left, right)}, in);
}

absl::StatusOr<Protocol::Columns> Replicated3::Unshuffle(const SecretPermutation& permutation,
                                                         const Columns& in) {
  CARE_CHECK(ShapeOfColumns(in).rows == permutation.rows());
  const std::uint32_t operation = NextOperation();
  rounds_ += 2;
  // Who dealt the shuffle is now on the right.
  const unsigned right = permutation.dealer(), left = NextRole(right), dealer = PreviousRole(right);
  std::array<Factor, 3> inverses;
  for (const unsigned other : {NextRole(role_), PreviousRole(role_)}) {
    const unsigned share = ShareOfPair(role_, other);
    inverses[share] = InverseOf(permutation.factor(share));
  }
  const auto known = [&](unsigned one, unsigned other) {
    return role_ == one || role_ == other ? &inverses[ShareOfPair(one, other)] : nullptr;
  };
  return PermuteRows(
      operation, {dealer, left, right, known(dealer, left), known(dealer, right), known(left, right)}, in);
}

}  // namespace care::mpc
