// mpc/cost/link.h
//
// What the cost model knows of the network: the declared speed of the links between compute parties, the same
// numbers at every party.
#pragma once

#include <cstdint>

#include "mpc/cost/cost.h"

namespace care::mpc {

struct Link {
  std::uint64_t megabit_per_second = 8000;
  std::uint64_t round_trip_us = 50;
};

// The traffic at a party's third of it, and a round trip a round: an estimate, for choosing between methods.
inline std::uint64_t MicrosecondsOver(const Link& link, const Cost& cost) {
  const std::uint64_t bits = cost.bytes / 3 * 8;
  return bits / (link.megabit_per_second == 0 ? 1 : link.megabit_per_second) + cost.rounds * link.round_trip_us;
}

}  // namespace care::mpc
