// engine/frontend/bench/tpch_benchmark.h
//
// `care bench tpch`: TPC-H's 22 queries from their standard texts, each planned and run by three processes over TLS on
// loopback with the owners' databases, compared with PostgreSQL's answers; then all together. A query that is refused is
// reported with the reason. Data are generated once and kept.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "engine/frontend/bench/benchmark.h"
#include "engine/frontend/bench/figures.h"

namespace care::engine {

struct TpchBenchOptions {
  BenchOptions bench;
  double scale = 0.1;
  std::uint64_t seed = 1;
  bool all_secret = false;   // nothing is pushed to an owner
  std::vector<int> queries;  // empty: all 22
};

struct TpchLine {
  Figures figures;      // of one query, or of all; its rows are those of the answer
  std::string refused;  // why there are no figures: the planner's words
  std::string failed;
};

// {"name": ..., "refused": why} or {"name": ..., "failed": why}.
std::string RefusalAsJson(const TpchLine& line);

// A line as soon as it is there, the total last. Fails where nothing could be measured at all.
absl::Status MeasureTpch(const TpchBenchOptions& options, const std::function<void(const TpchLine&)>& show);

}  // namespace care::engine
