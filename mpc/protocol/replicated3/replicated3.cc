#include "mpc/protocol/replicated3/replicated3.h"

#include <algorithm>

#include "engine/types/check.h"
#include "engine/types/status_macros.h"
#include "mpc/protocol/replicated3/exchange.h"
#include "mpc/share/ring_elements.h"

namespace care::mpc {
namespace {

Prg PairPrg(const Seed& seed, bool detect_reuse, const Kernels& kernels) {
  return Prg(DeriveKey(seed, "prg").aes_key(), detect_reuse, kernels);
}

}  // namespace

Replicated3::Replicated3(unsigned role, std::array<PartyId, 3> parties, Channel& next, Channel& previous,
                         const Seed& seed_with_next, const Seed& seed_with_previous,
                         std::vector<Disclosure> disclosures, bool detect_reuse, const Kernels& kernels)
    : role_(role),
      parties_(parties),
      next_(next),
      previous_(previous),
      seed_with_next_(seed_with_next),
      seed_with_previous_(seed_with_previous),
      prg_with_next_(PairPrg(seed_with_next, detect_reuse, kernels)),
      prg_with_previous_(PairPrg(seed_with_previous, detect_reuse, kernels)),
      guard_(std::move(disclosures)) {
  CARE_CHECK(role < 3);
  CARE_CHECK(parties[0] != parties[1] && parties[1] != parties[2] && parties[2] != parties[0]);
}

unsigned Replicated3::RoleOf(PartyId party) const {
  const auto found = std::find(parties_.begin(), parties_.end(), party);
  CARE_CHECK(found != parties_.end());
  return static_cast<unsigned>(found - parties_.begin());
}

unsigned Replicated3::PartOfShare(unsigned share) const {
  CARE_CHECK(share == role_ || share == NextRole(role_));
  return share == role_ ? 0 : 1;
}

Channel& Replicated3::ChannelTo(unsigned other_role) {
  CARE_CHECK(other_role != role_);
  return other_role == NextRole(role_) ? next_ : previous_;
}

const Seed& Replicated3::SeedWith(unsigned other_role) const {
  CARE_CHECK(other_role != role_);
  return other_role == NextRole(role_) ? seed_with_next_ : seed_with_previous_;
}

Prg& Replicated3::PrgWith(unsigned other_role) {
  CARE_CHECK(other_role != role_);
  return other_role == NextRole(role_) ? prg_with_next_ : prg_with_previous_;
}

std::vector<std::uint64_t> Replicated3::MaskWith(unsigned other_role, std::uint32_t operation,
                                                 std::uint8_t stream, std::size_t words) {
  std::vector<std::uint64_t> mask(words);
  PrgWith(other_role).FillWords(operation, stream, 0, mask);
  return mask;
}

absl::Status Replicated3::Reshare(std::uint32_t operation, Kernels::MaskedProduct kernel,
                                  std::span<std::uint64_t> z, std::span<std::uint64_t> z_next,
                                  const Operands& operands) {
  static_assert(kPieceWords % Prg::kChunkWords == 0);
  // A chunk of the streams at a time.
  const auto produce = [&](std::size_t first, std::size_t count) {
    for (std::size_t done = 0; done < count; done += Prg::kChunkWords) {
      const std::size_t block = first + done;
      ShareProduct product = operands(block, std::min(Prg::kChunkWords, count - done));
      product.out = z.data() + block;
      product.words = std::min(Prg::kChunkWords, count - done);
      const AesCounter counter = ClaimBoth(operation, block / Prg::kChunkWords);
      kernel(product, prg_with_next_.schedule(), prg_with_previous_.schedule(), counter);
    }
  };
  return Exchange({{&previous_, z}}, {{&next_, z_next}}, produce);
}

absl::Status Replicated3::ReshareRing(std::uint32_t operation, Kernels::MaskedProduct kernel, RingColumn& z,
                                      const Operands& operands) {
  if (z.width() == kDefaultRing) return Reshare(operation, kernel, z.part(0), z.part(1), operands);
  if (z.words_per_row() > 1) {
    std::vector<std::uint64_t> masks(2 * std::min(Prg::kChunkWords, z.part(0).size()));
    for (std::size_t block = 0; block < z.part(0).size(); block += Prg::kChunkWords) {
      const std::size_t count = std::min(Prg::kChunkWords, z.part(0).size() - block);
      const ShareProduct summand = operands(block, count);
      std::uint64_t* out = z.part(0).data() + block;
      if (summand.x0 != out) std::copy_n(summand.x0, count, out);
      const std::span<std::uint64_t> plus = std::span(masks).first(count), minus = std::span(masks).last(count);
      prg_with_next_.FillWords(operation, 0, block, plus);
      prg_with_previous_.FillWords(operation, 0, block, minus);
      AddElements<TwoWords>(out, plus.data(), count / 2);
      SubtractElements<TwoWords>(out, minus.data(), count / 2);
    }
    return ExchangeElements(z.width(), {{&previous_, z.part(0)}}, {{&next_, z.part(1)}});
  }
  for (std::size_t block = 0; block < z.rows(); block += Prg::kChunkWords) {
    const std::size_t count = std::min(Prg::kChunkWords, z.rows() - block);
    ShareProduct product = operands(block, count);
    product.out = z.part(0).data() + block;
    product.words = count;
    const AesCounter counter = ClaimBoth(operation, block / Prg::kChunkWords);
    kernel(product, prg_with_next_.schedule(), prg_with_previous_.schedule(), counter);
  }
  return ExchangeElements(z.width(), {{&previous_, z.part(0)}}, {{&next_, z.part(1)}});
}

AesCounter Replicated3::ClaimBoth(std::uint32_t operation, std::size_t chunk) {
  CARE_CHECK(chunk <= UINT32_MAX);
  prg_with_previous_.Claim(operation, 0, static_cast<std::uint32_t>(chunk));
  return prg_with_next_.Claim(operation, 0, static_cast<std::uint32_t>(chunk));
}

absl::StatusOr<Replicated3::Parts> Replicated3::ReshareFromPair(std::uint32_t operation, std::uint8_t stream,
                                                                unsigned left, unsigned right,
                                                                RawBuffer<std::uint64_t> summand,
                                                                const BlockShape& shape, const BlockWire& wire) {
  CARE_CHECK(left != right);
  const std::size_t words = shape.words();
  const unsigned third = 3 - left - right;
  Parts parts;
  if (role_ == third) {
    CARE_CHECK(summand.size() == 0);
    for (unsigned other : {left, right}) {
      parts[PartOfShare(ShareOfPair(role_, other))] = MaskWith(other, operation, stream, words);
    }
    return parts;
  }
  CARE_CHECK(summand.size() == words);
  const unsigned peer = role_ == left ? right : left;
  std::vector<std::uint64_t>& with_third = parts[PartOfShare(ShareOfPair(role_, third))];
  std::vector<std::uint64_t>& with_peer = parts[PartOfShare(ShareOfPair(role_, peer))];
  with_third = MaskWith(third, operation, stream, words);
  SubtractFlat(shape, summand.span(), with_third);
  with_peer.resize(words);
  if (wire.IsFlat()) {
    CARE_RETURN_IF_ERROR(
        Exchange({{&ChannelTo(peer), summand.span()}}, {{&ChannelTo(peer), std::span(with_peer)}}));
  } else {
    const RawBuffer<std::uint64_t> packed = wire.Pack(summand.span());
    RawBuffer<std::uint64_t> theirs(wire.words());
    CARE_RETURN_IF_ERROR(Exchange({{&ChannelTo(peer), packed.span()}}, {{&ChannelTo(peer), theirs.span()}}));
    std::ranges::copy(wire.Unpack(std::move(theirs)).span(), with_peer.begin());
  }
  AddFlat(shape, with_peer, summand.span());
  return parts;
}

BitColumn Replicated3::BitsFromParts(const Parts& parts, std::size_t first_word, std::size_t rows,
                                     unsigned width) {
  BitColumn column(rows, width, 2);
  for (unsigned i = 0; i < 2; ++i) {
    const auto words = column.part(i).words();
    std::copy_n(parts[i].begin() + first_word, words.size(), words.begin());
  }
  return column;
}

RingColumn Replicated3::RingFromParts(const Parts& parts, std::size_t first_word, std::size_t rows,
                                      unsigned width) {
  RingColumn column(rows, 2, width);
  for (unsigned i = 0; i < 2; ++i) {
    std::copy_n(parts[i].begin() + first_word, rows * column.words_per_row(), column.part(i).begin());
  }
  return column;
}

}  // namespace care::mpc
