#include "engine/frontend/bench/link_workload.h"

#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <vector>

#include "engine/frontend/bench/bench_values.h"
#include "engine/frontend/bench/process_use.h"
#include "engine/types/status_macros.h"
#include "mpc/protocol/replicated3/exchange.h"

namespace care::engine {
namespace {

constexpr LinkBenchmark kLinks[] = {
    {"round-128b", "rounds in which each party sends one neighbour 128 bytes", 20'000, 128, 40, 0},
    {"round-128kb", "rounds of 128 KB, as a comparison of a million rows has", 2'000, 131'072, 0, 0},
    {"stream", "messages of 64 MB to one neighbour, in the protocols' pieces", 8, std::uint64_t{64} << 20, 0, 1},
};

}  // namespace

std::span<const LinkBenchmark> LinkBenchmarks() { return kLinks; }

const LinkBenchmark* FindLinkBenchmark(std::string_view name) {
  for (const LinkBenchmark& candidate : kLinks) {
    if (candidate.name == name) return &candidate;
  }
  return nullptr;
}

absl::StatusOr<PartyFigures> MeasureLinks(const LinkBenchmark& benchmark, std::uint64_t rounds, unsigned role,
                                          PartyLinks& links) {
  const std::uint64_t words = benchmark.bytes / sizeof(std::uint64_t);
  std::vector<std::uint64_t> out(words);
  std::vector<std::uint64_t> in(words);
  for (std::uint64_t i = 0; i < words; ++i) out[i] = BenchValue(role, i);
  CARE_RETURN_IF_ERROR(links.Meet());
  const std::uint64_t bytes_before = links.bytes_sent();
  const double core_before = OwnProcessorSeconds();
  const auto start = std::chrono::steady_clock::now();
  for (std::uint64_t round = 0; round < rounds; ++round) {
    CARE_RETURN_IF_ERROR(mpc::Exchange({{&links.previous(), out}}, {{&links.next(), in}}));
  }
  PartyFigures figures;
  figures.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  figures.core_seconds = OwnProcessorSeconds() - core_before;
  figures.rounds = rounds;
  figures.bytes_sent = links.bytes_sent() - bytes_before;
  figures.peak_rss_bytes = PeakResidentBytes(getpid());
  const unsigned next = (role + 1) % 3;
  for (std::uint64_t i = 0; i < words; ++i) {
    if (in[i] != BenchValue(next, i)) return absl::InternalError("what arrived is not what was sent");
  }
  return figures;
}

}  // namespace care::engine
