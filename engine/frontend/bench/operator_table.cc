#include "engine/frontend/bench/operator_table.h"

#include "engine/frontend/bench/compare_workload.h"

namespace care::engine {
namespace {

constexpr std::uint64_t kMillion = 1'000'000;

constexpr OperatorBenchmark kOperators[] = {
    {.name = "equal-64",
     .what = "a = b of two secret columns of 64 bits",
     .rows = 10 * kMillion,
     .most_seconds = 0.2,
     .most_bytes_a_row = 8.2,
     .make = MakeEqual64},
    {.name = "less-64",
     .what = "a < b of two secret columns of 64 bits",
     .rows = 10 * kMillion,
     .most_seconds = 0.3,
     .most_bytes_a_row = 8.2,
     .make = MakeLess64},
};

}  // namespace

std::span<const OperatorBenchmark> OperatorBenchmarks() { return kOperators; }

const OperatorBenchmark* FindOperatorBenchmark(std::string_view name) {
  for (const OperatorBenchmark& candidate : kOperators) {
    if (candidate.name == name) return &candidate;
  }
  return nullptr;
}

}  // namespace care::engine
