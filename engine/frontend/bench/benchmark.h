// engine/frontend/bench/benchmark.h
//
// `care bench`: how fast the whole is on this machine, beside the limits that the project holds itself to.
//
// What there is to measure is in `care bench --list`: queries, joint operators (operator_workload.h),
// planning, an idle node and reading PostgreSQL.
//
// Three-process figures are those of the fastest of some runs: the others tell what else the machine did.
// Each answer is compared with the clear one. The time is shown beside its limit: all bytes that were sent,
// at the throughput that the same three processes reach when they only stream to each other.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "engine/frontend/bench/figures.h"
#include "mpc/cost/link_speed.h"
#include "planner/catalog/catalog.h"
#include "planner/physical/plan_inputs.h"

namespace care::engine {

struct BenchOptions {
  std::string program;                // this executable
  std::string directory;              // keys and data are kept here
  std::optional<std::uint64_t> rows;  // instead of a benchmark's own
  unsigned repeats = 3;
  std::optional<mpc::LinkSpeed> link;  // emulated between the parties
};

struct Benchmark {
  std::string name;
  std::string what;
  std::string accept;  // the limits that the project holds itself to, in words; empty: none
  std::function<absl::StatusOr<Figures>(const BenchOptions&)> measure;
};

std::vector<Benchmark> Benchmarks();

// What both benchmarks' queries are planned with.
planner::PlanInputs BenchPlanInputs();
// The emulated link takes the place of the one that those inputs name.
void DeclareLink(planner::Catalog& catalog, const std::optional<mpc::LinkSpeed>& link);
std::string FlagshipSql();

}  // namespace care::engine
