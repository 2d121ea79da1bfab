// engine/frontend/bench/benchmark.h
//
// `care bench`: how fast the whole is on this machine, beside the limits that the project holds itself to.
//
//   join-group-sum  a million rows look up a million, one SUM by a group column, in three processes over TLS
//   flagship        the coaching question with its databases, in three processes over TLS
//   plan            parse and plan that question, warm
//   idle            a node of the demonstration that nobody asks anything
//   postgresql      a table in an owner's PostgreSQL becomes shares: the node's side
//
// Three-process figures are those of the fastest of some runs: the others tell what else the machine did.
// Each answer is compared with the clear one. The time is shown beside its limit: all bytes that were sent,
// at the throughput that the same three processes reach when they only stream to each other.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "engine/frontend/bench/figures.h"
#include "planner/physical/plan_inputs.h"

namespace care::engine {

struct BenchOptions {
  std::string program;             // this executable
  std::string directory;           // keys and data are kept here
  std::vector<std::string> names;  // empty: all
  std::uint64_t rows = 1'000'000;  // of join-group-sum and postgresql
  unsigned repeats = 3;
};

const std::vector<std::string>& BenchNames();
absl::StatusOr<Figures> RunBenchmark(const std::string& name, const BenchOptions& options);

// What both benchmarks' queries are planned with.
planner::PlanInputs BenchPlanInputs();
std::string FlagshipSql();

}  // namespace care::engine
