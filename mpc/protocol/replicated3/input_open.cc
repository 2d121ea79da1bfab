// How values come in and how they leave.
//
//   Input by P_i  x_i = F(s_i), x_{i+1} = x - x_i sent to P_{i+1}, x_{i+2} = 0. P_{i+1} lacks s_i, so what it
//                 receives is uniform; P_{i-1} receives nothing.
//   Open to P_i   it lacks x_{i+2}, which P_{i+1} holds as its part(1) and sends. One message; three if all
//                 parties receive. Bits past the last row are cleared first: they may belong to other rows.
// Owners and recipients outside of the three: outside_input.cc.

#include <algorithm>

#include "engine/types/check.h"
#include "engine/types/status_macros.h"
#include "mpc/protocol/replicated3/exchange.h"
#include "mpc/protocol/replicated3/replicated3.h"
#include "mpc/share/ring_elements.h"

namespace care::mpc {

absl::StatusOr<Replicated3::Parts> Replicated3::InputWords(std::uint32_t operation, std::uint8_t stream,
                                                           unsigned owner,
                                                           std::span<const std::uint64_t> clear,
                                                           std::size_t words, Group group,
                                                           unsigned ring_width) {
  Parts parts;
  if (role_ == owner) {
    CARE_CHECK(clear.size() == words);
    parts[0] = MaskWith(PreviousRole(owner), operation, stream, words);
    parts[1].resize(words);
    std::ranges::copy(clear, parts[1].begin());
    if (group == Group::kXor) {
      for (std::size_t k = 0; k < words; ++k) parts[1][k] ^= parts[0][k];
    } else {
      WithElements(ring_width, [&]<typename Elements>(Elements) {
        SubtractElements<Elements>(parts[1].data(), parts[0].data(), words / Elements::kWords);
      });
    }
    CARE_RETURN_IF_ERROR(ExchangeElements(ring_width, {{&next_, parts[1]}}, {}));
  } else if (role_ == NextRole(owner)) {
    parts[0].resize(words);
    parts[1].resize(words);
    CARE_RETURN_IF_ERROR(ExchangeElements(ring_width, {}, {{&previous_, parts[0]}}));
  } else {
    parts[0].resize(words);
    parts[1] = MaskWith(owner, operation, stream, words);
  }
  return parts;
}

absl::StatusOr<BitColumn> Replicated3::InputBits(PartyId owner, const BitPlanes* clear, std::size_t rows,
                                                 unsigned width) {
  CARE_CHECK(Holds(owner) == (clear != nullptr));
  CARE_CHECK(clear == nullptr || (clear->rows() == rows && clear->width() == width));
  const std::size_t words = (rows + 63) / 64 * width;
  ++rounds_;
  if (!IsCompute(owner)) {
    CARE_ASSIGN_OR_RETURN(const Parts parts, InputOfOutsider(owner, words, 64));
    return BitsFromParts(parts, 0, rows, width);
  }
  const std::uint32_t operation = NextOperation();
  CARE_ASSIGN_OR_RETURN(
      const Parts parts,
      InputWords(operation, 0, RoleOf(owner),
                 clear != nullptr ? clear->words() : std::span<const std::uint64_t>(), words, Group::kXor));
  return BitsFromParts(parts, 0, rows, width);
}

absl::StatusOr<RingColumn> Replicated3::InputRing(PartyId owner, const std::vector<std::uint64_t>* clear,
                                                  std::size_t rows, unsigned width) {
  CARE_CHECK(Holds(owner) == (clear != nullptr));
  CARE_CHECK(width >= 1 && width <= kWidestRing);
  CARE_CHECK(clear == nullptr || clear->size() == rows * RingWords(width));
  ++rounds_;
  if (!IsCompute(owner)) {
    CARE_ASSIGN_OR_RETURN(const Parts parts, InputOfOutsider(owner, rows * RingWords(width), width));
    return RingFromParts(parts, 0, rows, width);
  }
  const std::uint32_t operation = NextOperation();
  CARE_ASSIGN_OR_RETURN(
      const Parts parts,
      InputWords(operation, 0, RoleOf(owner),
                 clear != nullptr ? std::span<const std::uint64_t>(*clear) : std::span<const std::uint64_t>(),
                 rows * RingWords(width), Group::kAdd, width));
  return RingFromParts(parts, 0, rows, width);
}

absl::Status Replicated3::SendMissingShare(std::span<const std::uint64_t> own_part1, PartyId recipient,
                                           std::vector<std::uint64_t>& missing, unsigned ring_width) {
  std::vector<Outgoing> outgoing;
  std::vector<Incoming> incoming;
  if (recipient == kNoParty || RoleOf(recipient) == PreviousRole(role_)) {
    outgoing.push_back({&previous_, own_part1});
  }
  if (Receives(recipient)) {
    missing.resize(own_part1.size());
    incoming.push_back({&next_, missing});
  }
  return ExchangeElements(ring_width, std::move(outgoing), std::move(incoming));
}

absl::StatusOr<std::optional<BitPlanes>> Replicated3::Open(const BitColumn& a, const Disclosure& disclosure) {
  CARE_CHECK(a.part_count() == 2);
  guard_.Open(disclosure, a.rows());
  ++rounds_;
  BitPlanes own = a.part(1);
  own.ClearPastLastRow();
  if (disclosure.recipient != kNoParty && !IsCompute(disclosure.recipient)) {
    BitPlanes other = a.part(0);
    other.ClearPastLastRow();
    CARE_RETURN_IF_ERROR(
        SendToOutsider(disclosure.recipient, NextOperation(), other.words(), own.words(), Group::kXor, 64));
    return std::optional<BitPlanes>();
  }
  std::vector<std::uint64_t> missing;
  CARE_RETURN_IF_ERROR(SendMissingShare(own.words(), disclosure.recipient, missing));
  if (!Receives(disclosure.recipient)) return std::optional<BitPlanes>();
  BitPlanes value = a.part(0);
  const auto words = value.words();
  for (std::size_t k = 0; k < words.size(); ++k) words[k] ^= own.words()[k] ^ missing[k];
  value.ClearPastLastRow();
  return std::optional<BitPlanes>(std::move(value));
}

absl::StatusOr<std::optional<std::vector<std::uint64_t>>> Replicated3::Open(const RingColumn& a,
                                                                            const Disclosure& disclosure) {
  CARE_CHECK(a.part_count() == 2);
  guard_.Open(disclosure, a.rows());
  ++rounds_;
  if (disclosure.recipient != kNoParty && !IsCompute(disclosure.recipient)) {
    CARE_RETURN_IF_ERROR(SendToOutsider(disclosure.recipient, NextOperation(), a.part(0), a.part(1), Group::kAdd,
                                        a.width()));
    return std::optional<std::vector<std::uint64_t>>();
  }
  std::vector<std::uint64_t> value;
  CARE_RETURN_IF_ERROR(SendMissingShare(a.part(1), disclosure.recipient, value, a.width()));
  if (!Receives(disclosure.recipient)) return std::optional<std::vector<std::uint64_t>>();
  WithElements(a.width(), [&]<typename Elements>(Elements) {
    AddElements<Elements>(value.data(), a.part(0).data(), a.rows());
    AddElements<Elements>(value.data(), a.part(1).data(), a.rows());
  });
  ClearAboveWidth(value, a.width());
  return std::optional<std::vector<std::uint64_t>>(std::move(value));
}

}  // namespace care::mpc
