#include "mpc/protocol/replicated3/outside_owner.h"

#include "absl/strings/str_cat.h"
#include "engine/types/check.h"
#include "engine/types/status_macros.h"
#include "mpc/protocol/replicated3/exchange.h"
#include "mpc/share/ring_elements.h"

namespace care::mpc {
namespace {

// The two holders of share i are P_{i-1} and P_i.
bool HoldsShare(unsigned role, unsigned share) { return role == share || (role + 1) % 3 == share; }

// Drawn by the owner alone, whose rows they mask; bound to the session and the plan.
Seed BindSeed(const Seed& drawn, PartyId owner, unsigned share, std::string_view session_id,
              std::string_view plan_digest) {
  const Seed of_session = DeriveKey(drawn, absl::StrCat("outside/", int{owner}, "/", share), session_id);
  return DeriveKey(of_session, "plan", plan_digest);
}

Prg ShareOf(const Seed& seed, bool detect_reuse, const Kernels& kernels) {
  return Prg(DeriveKey(seed, "prg").aes_key(), detect_reuse, kernels);
}

}  // namespace

OutsideOwner::OutsideOwner(PartyId self, std::array<Channel*, 3> compute, const std::array<Seed, 2>& seeds,
                           std::vector<Disclosure> disclosures, bool detect_reuse, const Kernels& kernels)
    : self_(self),
      compute_(compute),
      shares_{ShareOf(seeds[0], detect_reuse, kernels), ShareOf(seeds[1], detect_reuse, kernels)},
      guard_(std::move(disclosures)) {}

std::vector<std::uint64_t> OutsideOwner::Share(unsigned share, std::size_t words) {
  std::vector<std::uint64_t> drawn(words);
  shares_[share].FillWords(operation_, OutsideStream(share), 0, drawn);
  return drawn;
}

absl::Status OutsideOwner::InputBits(const BitPlanes& clear) {
  CARE_CHECK(operation_ < UINT32_MAX);
  std::vector<std::uint64_t> rest(clear.words().begin(), clear.words().end());
  for (unsigned share = 0; share < 2; ++share) {
    const std::vector<std::uint64_t> drawn = Share(share, rest.size());
    for (std::size_t k = 0; k < rest.size(); ++k) rest[k] ^= drawn[k];
  }
  ++operation_;
  return Exchange({{compute_[1], rest}, {compute_[2], rest}}, {});
}

absl::Status OutsideOwner::InputRing(const std::vector<std::uint64_t>& clear, unsigned width) {
  CARE_CHECK(width >= 1 && width <= kWidestRing && clear.size() % RingWords(width) == 0);
  CARE_CHECK(operation_ < UINT32_MAX);
  std::vector<std::uint64_t> rest = clear;
  for (unsigned share = 0; share < 2; ++share) {
    const std::vector<std::uint64_t> drawn = Share(share, rest.size());
    WithElements(width, [&]<typename Elements>(Elements) {
      SubtractElements<Elements>(rest.data(), drawn.data(), rest.size() / Elements::kWords);
    });
  }
  ++operation_;
  return ExchangeElements(width, {{compute_[1], rest}, {compute_[2], rest}}, {});
}

absl::Status OutsideOwner::ReceiveHalves(unsigned ring_width, std::vector<std::uint64_t>& first,
                                         std::vector<std::uint64_t>& second) {
  return ExchangeElements(ring_width, {}, {{compute_[0], first}, {compute_[1], second}});
}

absl::StatusOr<BitPlanes> OutsideOwner::OpenBits(std::size_t rows, unsigned width, const Disclosure& disclosure) {
  CARE_CHECK(disclosure.recipient == self_);
  guard_.Open(disclosure, rows);
  BitPlanes value(rows, width);
  std::vector<std::uint64_t> first(value.words().size()), second(first.size());
  CARE_RETURN_IF_ERROR(ReceiveHalves(64, first, second));
  for (std::size_t k = 0; k < first.size(); ++k) value.words()[k] = first[k] ^ second[k];
  value.ClearPastLastRow();
  return value;
}

absl::StatusOr<std::vector<std::uint64_t>> OutsideOwner::OpenRing(std::size_t rows, unsigned width,
                                                                  const Disclosure& disclosure) {
  CARE_CHECK(disclosure.recipient == self_);
  guard_.Open(disclosure, rows);
  std::vector<std::uint64_t> value(rows * RingWords(width)), second(value.size());
  CARE_RETURN_IF_ERROR(ReceiveHalves(width, value, second));
  WithElements(width, [&]<typename Elements>(Elements) { AddElements<Elements>(value.data(), second.data(), rows); });
  ClearAboveWidth(value, width);
  return value;
}

absl::StatusOr<std::unique_ptr<OutsideOwner>> EstablishOutsideOwner(PartyId self, std::array<Channel*, 3> compute,
                                                                    std::string_view session_id,
                                                                    std::string_view plan_digest,
                                                                    std::vector<Disclosure> disclosures,
                                                                    bool detect_reuse) {
  std::array<Seed, 2> seeds;
  for (unsigned share = 0; share < 2; ++share) {
    Seed drawn;
    CARE_RETURN_IF_ERROR(RandomBytes(drawn.bytes()));
    for (unsigned role = 0; role < 3; ++role) {
      if (HoldsShare(role, share)) CARE_RETURN_IF_ERROR(compute[role]->Send(drawn.bytes()));
    }
    seeds[share] = BindSeed(drawn, self, share, session_id, plan_digest);
  }
  return std::make_unique<OutsideOwner>(self, compute, seeds, std::move(disclosures), detect_reuse);
}

absl::StatusOr<OutsideSeeds> ReceiveOutsideSeeds(unsigned role, PartyId owner, Channel& channel,
                                                 std::string_view session_id, std::string_view plan_digest) {
  OutsideSeeds seeds;
  for (unsigned share = 0; share < 2; ++share) {
    if (!HoldsShare(role, share)) continue;
    Seed drawn;
    CARE_RETURN_IF_ERROR(channel.Receive(drawn.bytes()));
    seeds[share] = BindSeed(drawn, owner, share, session_id, plan_digest);
  }
  return seeds;
}

}  // namespace care::mpc
