#include "engine/frontend/bench/tpch_benchmark.h"

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "engine/frontend/bench/party_processes.h"
#include "engine/frontend/bench/tpch_reference.h"
#include "engine/frontend/bench/tpch_workload.h"
#include "engine/frontend/reference/child_process.h"
#include "engine/types/status_macros.h"
#include "planner/physical/plan_query.h"

namespace care::engine {
namespace {

constexpr double kMostPlanSeconds = 0.02;
constexpr double kMostPeakBytes = 2e9;
constexpr int kPlanRuns = 3;

// The limits that the project holds itself to, in seconds for all 22 queries.
struct TotalLimit {
  double scale;
  double federated, all_secret;
};
constexpr TotalLimit kTotalLimits[] = {{0.01, 8, 15}, {0.1, 20, 60}};

absl::StatusOr<double> PlanSeconds(const std::string& sql, const planner::Catalog& catalog,
                                   const planner::PlanInputs& inputs) {
  double least = 0;
  for (int run = 0; run < kPlanRuns; ++run) {
    const auto start = std::chrono::steady_clock::now();
    CARE_RETURN_IF_ERROR(planner::PlanQuery(sql, catalog, inputs).status());
    const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    least = run == 0 ? seconds : std::min(least, seconds);
  }
  return least;
}

std::string FirstLine(const absl::Status& status) {
  return std::string(status.message().substr(0, status.message().find('\n')));
}

void Add(const Figures& one, Figures& total) {
  ++total.rows;
  total.seconds += one.seconds;
  total.core_seconds += one.core_seconds;
  total.rounds += one.rounds;
  total.limit_seconds += one.limit_seconds;
  total.peak_rss_bytes = std::max(total.peak_rss_bytes, one.peak_rss_bytes);
  total.bytes_sent.resize(std::max(total.bytes_sent.size(), one.bytes_sent.size()));
  for (std::size_t role = 0; role < one.bytes_sent.size(); ++role)
    total.bytes_sent[role] += one.bytes_sent[role];
}

absl::StatusOr<Figures> MeasureQuery(const TpchBenchOptions& options, const std::string& directory,
                                     const std::string& query) {
  const std::string task = TpchTask(query, options.all_secret);
  CARE_ASSIGN_OR_RETURN(const PartyRuns runs, RunPartyProcesses({.program = options.bench.program,
                                                                 .directory = options.bench.directory,
                                                                 .data_directory = directory,
                                                                 .task = task,
                                                                 .rows = 0,
                                                                 .repeats = options.bench.repeats,
                                                                 .link = options.bench.link}));
  Figures figures = FastestRun(runs).figures;
  figures.name = task;
  figures.rows = RowsOfAnswer(ReadTextFile(TpchAnswerFile(directory, query)));
  figures.link = options.bench.link;
  return figures;
}

bool IsWanted(const TpchBenchOptions& options, const std::string& name) {
  return options.queries.empty() ||
         std::any_of(options.queries.begin(), options.queries.end(),
                     [&](int number) { return name == absl::StrFormat("q%02d", number); });
}

}  // namespace

std::string RefusalAsJson(const TpchLine& line) {
  nlohmann::ordered_json json = {{"name", line.figures.name}};
  json[line.refused.empty() ? "failed" : "refused"] = line.refused.empty() ? line.failed : line.refused;
  return json.dump();
}

absl::Status MeasureTpch(const TpchBenchOptions& options, const std::function<void(const TpchLine&)>& show) {
  CARE_ASSIGN_OR_RETURN(const std::string directory,
                        PrepareTpch(options.bench.directory, options.scale, options.seed));
  CARE_ASSIGN_OR_RETURN(planner::Catalog catalog, planner::LoadFederation(directory + "/federation.toml"));
  DeclareLink(catalog, options.bench.link);
  const planner::PlanInputs inputs = TpchPlanInputs(options.all_secret);
  Figures total;
  total.name = options.all_secret ? "tpch-secret" : "tpch";
  total.link = options.bench.link;
  for (const QueryText& query : TpchQueryTexts()) {
    if (!IsWanted(options, query.name)) continue;
    TpchLine line;
    line.figures.name = TpchTask(query.name, options.all_secret);
    const absl::StatusOr<double> plan_seconds = PlanSeconds(query.sql, catalog, inputs);
    if (!plan_seconds.ok()) {
      line.refused = FirstLine(plan_seconds.status());
      show(line);
      continue;
    }
    absl::StatusOr<Figures> figures = MeasureQuery(options, directory, query.name);
    if (!figures.ok()) {
      line.failed = std::string(figures.status().message());
      show(line);
      continue;
    }
    figures->targets = {{"milliseconds to plan", 1e3 * *plan_seconds, 1e3 * kMostPlanSeconds},
                        {"peak megabytes of a party", 1e-6 * static_cast<double>(figures->peak_rss_bytes),
                         1e-6 * kMostPeakBytes}};
    Add(*figures, total);
    line.figures = *std::move(figures);
    show(line);
  }
  for (const TotalLimit& limit : kTotalLimits) {
    if (limit.scale != options.scale || options.bench.link.has_value() ||
        total.rows != TpchQueryTexts().size())
      continue;
    total.targets.push_back(
        {"seconds of all 22", total.seconds, options.all_secret ? limit.all_secret : limit.federated});
  }
  TpchLine line;
  line.figures = std::move(total);
  show(line);
  return absl::OkStatus();
}

}  // namespace care::engine
