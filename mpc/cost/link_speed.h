// mpc/cost/link_speed.h
//
// What the links between the parties are capable of, as it is declared and never measured: the numbers by
// which an operator with several methods picks one. Every party must be given the same ones. Integers only,
// as in cost.h.
#pragma once

#include <cstdint>

#include "mpc/cost/cost.h"

namespace care::mpc {

struct LinkSpeed {
  std::uint64_t megabit_per_second = 8000;  // that a party can send
  std::uint64_t round_us = 25;              // what a round of small messages takes

  friend bool operator==(const LinkSpeed&, const LinkSpeed&) = default;
};

// Each party sends about a third of the bytes, and rounds wait for each other. Computation comes on top.
inline std::uint64_t Microseconds(const Cost& cost, const LinkSpeed& link) {
  return cost.bytes / 3 * 8 / link.megabit_per_second + cost.rounds * link.round_us;
}

// What computing takes beside the link, three parties on two cores: TPC-H with everything secret, 14.0 GB at scale 0.1.
inline constexpr std::uint64_t kNanosecondsPerByte = 4;

// What one way of doing a thing is compared with another by.
inline std::uint64_t ElapsedMicroseconds(const Cost& cost, const LinkSpeed& link) {
  return Microseconds(cost, link) + cost.bytes / 1000 * kNanosecondsPerByte;
}

}  // namespace care::mpc
