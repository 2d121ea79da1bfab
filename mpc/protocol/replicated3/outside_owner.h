// mpc/protocol/replicated3/outside_owner.h
//
// An organisation that takes part in Replicated3 without being one of its three compute parties: a fourth hospital that
// brings rows, or a recipient of an answer. Its process has this small class, which makes the calls that concern it, in
// their order and with their shapes; the compute parties call Protocol::InputBits, InputRing and Open as for anybody
// (Replicated3::Admit). It takes no part in anything else and learns nothing but what is opened to it.
//
//   Keys     the outside owner draws two seeds, one for each of shares 0 and 1, and gives each to the two holders of that
//            share over its own channels with them. Its calls have operation numbers of their own, counted alike at all.
//   Input    x0 = F(seed 0), x1 = F(seed 1), x2 = x - x0 - x1 sent to P1 and P2. P0 receives nothing. P1 lacks seed 0 and
//            P2 seed 1, so that x2 is uniform to each. Rounds 1; traffic twice a column: nobody among the three knows x, so
//            that no share may be zero, and two parties hold the one that is sent.
//   Open     P0 sends x0 + x1 + r, P1 sends x2 - r, r fresh from the key that P0 and P1 share: the recipient sees their sum
//            and, of the shares, a uniform splitting that it could have drawn itself. Rounds 1; traffic twice a column.
//   Security that of the protocol: semi-honest, one of the parties corrupt, be it a compute party or an outside one.
//   Source   correlated seeds for inputs as for a compute party's, one more of them; this project.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "engine/types/party.h"
#include "mpc/net/channel.h"
#include "mpc/protocol/disclosure_guard.h"
#include "mpc/random/key_derivation.h"
#include "mpc/random/prg.h"
#include "mpc/share/bit_planes.h"
#include "mpc/share/ring_column.h"

namespace care::mpc {

// Seeds of shares 0 and 1 of an outside owner's inputs; a compute party has those of the shares that it holds.
using OutsideSeeds = std::array<std::optional<Seed>, 2>;
// The stream of each share's key: not one for both, so that a test can leave out either.
constexpr std::uint8_t OutsideStream(unsigned share) { return static_cast<std::uint8_t>(share); }

class OutsideOwner {
 public:
  // Channels to P0, P1 and P2 are borrowed. The disclosures are the plan's, as at the compute parties.
  OutsideOwner(PartyId self, std::array<Channel*, 3> compute, const std::array<Seed, 2>& seeds,
               std::vector<Disclosure> disclosures, bool detect_reuse = kDetectReuseByDefault,
               const Kernels& kernels = BestKernels());

  absl::Status InputBits(const BitPlanes& clear);
  // Elements of more than 64 bits are two words each.
  absl::Status InputRing(const std::vector<std::uint64_t>& clear, unsigned width = kDefaultRing);

  // What the compute parties open to this party under the same disclosure.
  absl::StatusOr<BitPlanes> OpenBits(std::size_t rows, unsigned width, const Disclosure& disclosure);
  absl::StatusOr<std::vector<std::uint64_t>> OpenRing(std::size_t rows, unsigned width, const Disclosure& disclosure);

  std::vector<OpenedCount> opened() const { return guard_.opened(); }

 private:
  std::vector<std::uint64_t> Share(unsigned share, std::size_t words);
  // Both halves of what is opened.
  absl::Status ReceiveHalves(unsigned ring_width, std::vector<std::uint64_t>& first, std::vector<std::uint64_t>& second);

  const PartyId self_;
  const std::array<Channel*, 3> compute_;
  std::array<Prg, 2> shares_;
  DisclosureGuard guard_;
  std::uint32_t operation_ = 0;
};

// At the outside owner: draws the seeds and sends each to who holds its share.
absl::StatusOr<std::unique_ptr<OutsideOwner>> EstablishOutsideOwner(PartyId self, std::array<Channel*, 3> compute,
                                                                    std::string_view session_id,
                                                                    std::string_view plan_digest,
                                                                    std::vector<Disclosure> disclosures,
                                                                    bool detect_reuse = kDetectReuseByDefault);
// At the compute party that plays `role`: what it receives of them.
absl::StatusOr<OutsideSeeds> ReceiveOutsideSeeds(unsigned role, PartyId owner, Channel& channel,
                                                 std::string_view session_id, std::string_view plan_digest);

}  // namespace care::mpc
