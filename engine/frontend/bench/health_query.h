// engine/frontend/bench/health_query.h
//
// The three medical queries of health_workload.h from their published texts (tests/sql/hospitals, compiled in) through the
// planner, with nothing pushed to an owner: every column of every row is secret-shared. At a threshold of one the gate lets all
// groups through and computes nothing. The same invented
// events, half of them at each of two hospitals; a registry computes with them. Tables are in memory: no database is measured.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "engine/frontend/bench/query_workload.h"
#include "mpc/cost/link_speed.h"

namespace care::engine {

struct HealthBenchmark {
  const char* name;
  const char* what;
  const char* query;  // the name of its text
  std::uint64_t rows;
  double most_seconds;           // 0: there is no limit
  std::uint32_t partitions = 1;  // of the federation file
  std::uint32_t lanes = 1;
};
std::span<const HealthBenchmark> HealthBenchmarks();
const HealthBenchmark* FindHealthBenchmark(std::string_view name);

// `party`: whose rows are made. kNoParty: nobody's, for a plan alone.
absl::StatusOr<std::unique_ptr<QueryWorkload>> MakeHealthWorkload(const HealthBenchmark& benchmark,
                                                                  std::uint64_t rows, PartyId party,
                                                                  const std::optional<mpc::LinkSpeed>& link);

}  // namespace care::engine
