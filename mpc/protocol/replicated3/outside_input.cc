// The compute parties' side of an owner or recipient that is none of them; outside_owner.h says how and why.

#include "engine/types/check.h"
#include "engine/types/status_macros.h"
#include "mpc/protocol/replicated3/exchange.h"
#include "mpc/protocol/replicated3/replicated3.h"
#include "mpc/share/ring_elements.h"

namespace care::mpc {
namespace {

constexpr std::uint8_t kSplit = 0;   // of the key of P0 and P1
constexpr unsigned kFirstHalf = 0;   // who sends x0 + x1
constexpr unsigned kSecondHalf = 1;  // who sends x2

}  // namespace

void Replicated3::Admit(PartyId party, Channel& channel, const OutsideSeeds& seeds) {
  CARE_CHECK(party != kNoParty && !IsCompute(party));
  Outsider outsider{&channel, {}, 0};
  for (unsigned share = 0; share < 2; ++share) {
    const bool holds = share == role_ || share == NextRole(role_);
    CARE_CHECK(seeds[share].has_value() == holds);
    // As the pairs' keys: the same kernels, and reuse detected where theirs is.
    if (holds) {
      outsider.shares[share].emplace(DeriveKey(*seeds[share], "prg").aes_key(), prg_with_next_.detects_reuse(),
                                     kernels());
    }
  }
  CARE_CHECK(outsiders_.emplace(party, std::move(outsider)).second);
}

Replicated3::Outsider& Replicated3::OutsiderOf(PartyId party) {
  const auto found = outsiders_.find(party);
  CARE_CHECK(found != outsiders_.end());
  return found->second;
}

absl::StatusOr<Replicated3::Parts> Replicated3::InputOfOutsider(PartyId owner, std::size_t words,
                                                                unsigned ring_width) {
  Outsider& outsider = OutsiderOf(owner);
  CARE_CHECK(outsider.operation < UINT32_MAX);
  const std::uint32_t operation = outsider.operation++;
  Parts parts;
  for (auto& part : parts) part.resize(words);
  for (unsigned share = 0; share < 2; ++share) {
    if (!outsider.shares[share].has_value()) continue;
    outsider.shares[share]->FillWords(operation, OutsideStream(share), 0, parts[PartOfShare(share)]);
  }
  if (role_ != 0) {
    CARE_RETURN_IF_ERROR(ExchangeElements(ring_width, {}, {{outsider.channel, parts[PartOfShare(2)]}}));
  }
  return parts;
}

absl::Status Replicated3::SendToOutsider(PartyId recipient, std::uint32_t operation,
                                         std::span<const std::uint64_t> part0, std::span<const std::uint64_t> part1,
                                         Group group, unsigned ring_width) {
  Channel& channel = *OutsiderOf(recipient).channel;
  if (role_ != kFirstHalf && role_ != kSecondHalf) return absl::OkStatus();
  const std::vector<std::uint64_t> split = MaskWith(1 - role_, operation, kSplit, part0.size());
  // P0: both its shares, x0 and x1; P1: its second, x2.
  std::vector<std::uint64_t> half(part1.begin(), part1.end());
  if (group == Group::kXor) {
    for (std::size_t k = 0; k < half.size(); ++k) half[k] ^= split[k] ^ (role_ == kFirstHalf ? part0[k] : 0);
  } else {
    WithElements(ring_width, [&]<typename Elements>(Elements) {
      const std::size_t count = half.size() / Elements::kWords;
      if (role_ == kFirstHalf) {
        AddElements<Elements>(half.data(), part0.data(), count);
        AddElements<Elements>(half.data(), split.data(), count);
      } else {
        SubtractElements<Elements>(half.data(), split.data(), count);
      }
    });
  }
  return ExchangeElements(ring_width, {{&channel, half}}, {});
}

}  // namespace care::mpc
