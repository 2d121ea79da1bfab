// engine/frontend/bench/link_workload.h
//
// What the links between three parties are capable of, without any protocol: in each round every party sends to one
// neighbour and receives from the other, as in a resharing. Small messages tell what a round costs, large ones what
// a byte costs. What arrives is compared with what was sent.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "absl/status/statusor.h"
#include "engine/frontend/bench/figures.h"
#include "engine/frontend/bench/party_links.h"

namespace care::engine {

struct LinkBenchmark {
  const char* name;
  const char* what;
  std::uint64_t rounds;            // without --rows, which stands for rounds here
  std::uint64_t bytes;             // of a message
  double most_microseconds_round;  // 0: no limit
  double most_core_nanoseconds_byte;
};

std::span<const LinkBenchmark> LinkBenchmarks();
const LinkBenchmark* FindLinkBenchmark(std::string_view name);  // null if there is none

absl::StatusOr<PartyFigures> MeasureLinks(const LinkBenchmark& benchmark, std::uint64_t rounds, unsigned role,
                                          PartyLinks& links);

}  // namespace care::engine
