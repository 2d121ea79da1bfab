// The keys of one session: each pair's seed from 32 random bytes of either side, sent over that pair's own
// channel, bound to the session and the plan. Fresh for every query, so no mask ever serves twice.

#include "engine/types/status_macros.h"
#include "mpc/protocol/replicated3/replicated3.h"

namespace care::mpc {
namespace {

// The seed of roles `own` and `other`, whose names order the two halves.
Seed PairSeed(const Seed& drawn, const Seed& received, unsigned own, unsigned other,
              std::string_view session_id, std::string_view plan_digest) {
  const auto low = static_cast<std::uint8_t>(std::min(own, other));
  const auto high = static_cast<std::uint8_t>(std::max(own, other));
  return own < other ? DeriveSeed(drawn, received, session_id, low, high, plan_digest)
                     : DeriveSeed(received, drawn, session_id, low, high, plan_digest);
}

}  // namespace

absl::StatusOr<std::unique_ptr<Replicated3>> EstablishReplicated3(
    unsigned role, std::array<PartyId, 3> parties, Channel& next, Channel& previous,
    std::string_view session_id, std::string_view plan_digest, std::vector<Disclosure> disclosures,
    bool detect_reuse) {
  Seed drawn_for_next, drawn_for_previous, from_next, from_previous;
  CARE_RETURN_IF_ERROR(RandomBytes(drawn_for_next.bytes()));
  CARE_RETURN_IF_ERROR(RandomBytes(drawn_for_previous.bytes()));
  CARE_RETURN_IF_ERROR(next.Send(drawn_for_next.bytes()));
  CARE_RETURN_IF_ERROR(previous.Send(drawn_for_previous.bytes()));
  CARE_RETURN_IF_ERROR(next.Receive(from_next.bytes()));
  CARE_RETURN_IF_ERROR(previous.Receive(from_previous.bytes()));
  const unsigned next_role = (role + 1) % 3;
  const unsigned previous_role = (role + 2) % 3;
  return std::make_unique<Replicated3>(
      role, parties, next, previous,
      PairSeed(drawn_for_next, from_next, role, next_role, session_id, plan_digest),
      PairSeed(drawn_for_previous, from_previous, role, previous_role, session_id, plan_digest),
      std::move(disclosures), detect_reuse);
}

}  // namespace care::mpc
