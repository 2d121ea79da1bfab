#include "engine/frontend/bench/operator_table.h"

#include "engine/frontend/bench/compare_workload.h"
#include "engine/frontend/bench/health_workload.h"
#include "engine/frontend/bench/sort_join_workload.h"
#include "engine/frontend/bench/sort_workload.h"

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
    {.name = "shuffle",
     .what = "rows of 64 bits in an order that nobody knows",
     .rows = 8 * kMillion,
     .most_seconds = 0.6,
     .make = MakeShuffle},
    {.name = "sort-64",
     .what = "secret keys of 64 bits in order",
     .rows = kMillion,
     .most_seconds = 1.5,
     .most_bytes_a_row = 250,
     .make = MakeSort64},
    {.name = "sort-32",
     .what = "secret keys of 32 bits in order",
     .rows = kMillion,
     .most_seconds = 1.0,
     .most_bytes_a_row = 160,
     .make = MakeSort32},
    {.name = "sort-join",
     .what = "two tables joined on secret keys of 64 bits, one side unique, a payload of 64 bits",
     .rows = kMillion,
     .most_seconds = 4,
     .make = MakeSortJoin},
    {.name = "comorbidity-operators",
     .what = "comorbidity without SQL: a pipeline of operators written by hand",
     .rows = 500'000,
     .make = MakeComorbidity},
    {.name = "aspirin-operators",
     .what = "aspirin without SQL: one sort by patient and day",
     .rows = 500'000,
     .make = MakeAspirin},
    {.name = "rcdiff-operators",
     .what = "rcdiff without SQL: one sort by patient and day",
     .rows = 300'000,
     .make = MakeRecurrentInfection},
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
