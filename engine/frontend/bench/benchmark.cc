#include "engine/frontend/bench/benchmark.h"

#include <algorithm>
#include <chrono>
#include <thread>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "engine/frontend/bench/bench_party.h"
#include "engine/frontend/bench/database_read.h"
#include "engine/frontend/bench/health_query.h"
#include "engine/frontend/bench/join_workload.h"
#include "engine/frontend/bench/link_workload.h"
#include "engine/frontend/bench/okvs_failures.h"
#include "engine/frontend/bench/operator_table.h"
#include "engine/frontend/bench/party_processes.h"
#include "engine/frontend/bench/process_use.h"
#include "engine/frontend/demo/federation_directory.h"
#include "engine/frontend/demo/questions.h"
#include "engine/frontend/demo/running_federation.h"
#include "engine/frontend/reference/child_process.h"
#include "engine/types/status_macros.h"
#include "planner/physical/plan_query.h"

namespace care::engine {
namespace {

constexpr const char* kPlanTask = "plan";
constexpr const char* kIdleTask = "idle";
constexpr const char* kOkvsFailuresTask = "okvs-failures";
constexpr const char* kPostgresqlTask = "postgresql";
constexpr std::int32_t kPlanDate = 19'723;  // 2024-01-01: plans do not depend on the day of the benchmark
constexpr std::uint16_t kIdlePort = 7491;

constexpr std::uint64_t kPostgresqlRows = 1'000'000;

// The same query over tables of more and more rows.
struct JoinBenchmark {
  const char* name;
  const char* what;
  std::uint64_t rows;
  double most_seconds;
  double most_peak_bytes;
  double most_bytes_a_row;  // of all parties; before the gate, as the rounds
  double most_rounds;
};
constexpr JoinBenchmark kJoins[] = {
    {kJoinTask, "a million rows look up a million, one SUM by a group column, planned and executed",
     1'000'000, 0.4, 0, 150, 40},
    {kCountryTask, "the same query over two tables of a country's size", 17'500'000, 12, 3e9, 175, 50},
};

constexpr double kMostFlagshipSeconds = 3;
constexpr double kMostPlanSeconds = 0.005;
constexpr double kMostIdleBytes = 60e6;
constexpr double kMostIdleProcessorSeconds = 0.02;  // two ticks of the kernel's clock in two seconds

absl::StatusOr<FederationDirectory> DemoData(const BenchOptions& options) {
  DemoOptions demo;
  demo.program = options.program;
  demo.directory = options.directory;
  demo.port = kIdlePort;
  CARE_ASSIGN_OR_RETURN(FederationDirectory data, FederationDirectory::Prepare(demo, /*csv=*/false));
  CARE_RETURN_IF_ERROR(data.WriteNodeFiles({}));
  return data;
}

absl::StatusOr<JointFigures> MeasureJoint(const BenchOptions& options, const std::string& task,
                                          std::uint64_t rows, const std::string& data_directory) {
  CARE_ASSIGN_OR_RETURN(const PartyRuns runs, RunPartyProcesses({.program = options.program,
                                                                 .directory = options.directory,
                                                                 .data_directory = data_directory,
                                                                 .task = task,
                                                                 .rows = rows,
                                                                 .repeats = options.repeats,
                                                                 .link = options.link}));
  JointFigures joint = FastestRun(runs);
  joint.figures.name = task;
  joint.figures.rows = rows;
  joint.figures.link = options.link;
  return joint;
}

// A limit that was set for this many rows says nothing of others.
void AddTargets(Figures& figures, std::uint64_t rows_of_limit, double most_seconds, double most_peak_bytes) {
  if (figures.rows != rows_of_limit || figures.link.has_value()) return;
  if (most_seconds > 0) figures.targets.push_back({"seconds", figures.seconds, most_seconds});
  if (most_peak_bytes > 0) {
    figures.targets.push_back({"peak megabytes of a party",
                               1e-6 * static_cast<double>(figures.peak_rss_bytes), 1e-6 * most_peak_bytes});
  }
}

// The tree of EXPLAIN, as the parties planned it for this link.
absl::StatusOr<std::string> QueryPlan(const std::string& sql, planner::Catalog catalog, const BenchOptions& options,
                                      const planner::PlanInputs& inputs = BenchPlanInputs()) {
  DeclareLink(catalog, options.link);
  CARE_ASSIGN_OR_RETURN(const planner::PlannedQuery query, planner::PlanQuery(sql, catalog, inputs));
  const std::string text = query.ExplainText(catalog);
  return std::string(absl::StripAsciiWhitespace(text.substr(0, text.find("Leakage report"))));
}

absl::StatusOr<Figures> MeasureJoin(const JoinBenchmark& join, const BenchOptions& options) {
  const std::uint64_t rows = options.rows.value_or(join.rows);
  CARE_ASSIGN_OR_RETURN(JointFigures joint, MeasureJoint(options, join.name, rows, options.directory));
  Figures& figures = joint.figures;
  CARE_ASSIGN_OR_RETURN(const planner::Catalog catalog, planner::ParseFederation(JoinFederation(rows)));
  CARE_ASSIGN_OR_RETURN(figures.plan, QueryPlan(kJoinSql, catalog, options));
  AddTargets(figures, join.rows, join.most_seconds, join.most_peak_bytes);
  figures.targets.push_back({"bytes a spine row, before the gate",
                             static_cast<double>(joint.bytes_before_gate) / static_cast<double>(rows),
                             join.most_bytes_a_row});
  figures.targets.push_back(
      {"rounds before the gate", static_cast<double>(joint.rounds_before_gate), join.most_rounds});
  return figures;
}

absl::StatusOr<Figures> MeasureHealth(const HealthBenchmark& health, const BenchOptions& options) {
  const std::uint64_t rows = options.rows.value_or(health.rows);
  CARE_ASSIGN_OR_RETURN(JointFigures joint, MeasureJoint(options, health.name, rows, ""));
  CARE_ASSIGN_OR_RETURN(const auto workload, MakeHealthWorkload(health, rows, kNoParty, options.link));
  CARE_ASSIGN_OR_RETURN(joint.figures.plan,
                        QueryPlan(workload->sql(), workload->catalog(), options, workload->inputs()));
  AddTargets(joint.figures, health.rows, health.most_seconds, 0);
  return joint.figures;
}

absl::StatusOr<Figures> MeasureOperator(const OperatorBenchmark& benchmark, const BenchOptions& options) {
  const OperatorSetting setting{.rows = options.rows.value_or(benchmark.rows),
                                .link = options.link.value_or(mpc::LinkSpeed{})};
  CARE_ASSIGN_OR_RETURN(JointFigures joint,
                        MeasureJoint(options, std::string(benchmark.name), setting.rows, ""));
  Figures& figures = joint.figures;
  const auto workload = benchmark.make(setting);
  if (const std::optional<mpc::Cost> expected = workload->ExpectedCost()) {
    if (figures.bytes_total() != expected->bytes || figures.rounds != expected->rounds) {
      return absl::InternalError(absl::StrCat(
          std::string(benchmark.name), " took ", figures.bytes_total(), " bytes and ", figures.rounds,
          " rounds, but its cost function says ", expected->bytes, " and ", expected->rounds));
    }
  }
  figures.plan = workload->Plan();
  AddTargets(figures, benchmark.rows, benchmark.most_seconds, benchmark.most_peak_bytes);
  if (benchmark.most_bytes_a_row > 0 && setting.rows >= benchmark.rows) {
    figures.targets.push_back(
        {"bytes a row and party",
         static_cast<double>(figures.bytes_per_party()) / static_cast<double>(setting.rows),
         benchmark.most_bytes_a_row});
  }
  return figures;
}

absl::StatusOr<Figures> MeasureLink(const LinkBenchmark& link, const BenchOptions& options) {
  const std::uint64_t rounds = options.rows.value_or(link.rounds);
  CARE_ASSIGN_OR_RETURN(JointFigures joint, MeasureJoint(options, link.name, rounds, ""));
  Figures& figures = joint.figures;
  if (options.link.has_value()) return figures;
  if (link.most_microseconds_round > 0) {
    figures.targets.push_back({"microseconds a round", 1e6 * figures.seconds / static_cast<double>(rounds),
                               link.most_microseconds_round});
  }
  if (link.most_core_nanoseconds_byte > 0) {
    figures.targets.push_back({"processor nanoseconds a byte, both ends",
                               1e9 * figures.core_seconds / static_cast<double>(figures.bytes_total()),
                               link.most_core_nanoseconds_byte});
  }
  return figures;
}

absl::StatusOr<Figures> MeasureFlagship(const BenchOptions& options) {
  CARE_ASSIGN_OR_RETURN(const FederationDirectory data, DemoData(options));
  CARE_ASSIGN_OR_RETURN(JointFigures joint,
                        MeasureJoint(options, kFlagshipTask, DemoOptions().patients, data.path()));
  CARE_ASSIGN_OR_RETURN(const planner::Catalog catalog, planner::LoadFederation(data.FederationFile()));
  CARE_ASSIGN_OR_RETURN(joint.figures.plan, QueryPlan(FlagshipSql(), catalog, options));
  if (!options.link.has_value()) {
    joint.figures.targets = {
        {"seconds with the owners' databases", joint.figures.seconds, kMostFlagshipSeconds}};
  }
  return joint.figures;
}

absl::StatusOr<Figures> MeasurePlan(const BenchOptions& options) {
  CARE_ASSIGN_OR_RETURN(const FederationDirectory data, DemoData(options));
  CARE_ASSIGN_OR_RETURN(const planner::Catalog catalog, planner::LoadFederation(data.FederationFile()));
  constexpr int kWarmUps = 20;
  constexpr int kRuns = 101;
  const std::string sql = FlagshipSql();
  std::vector<double> seconds;
  const double core_before = OwnProcessorSeconds();
  for (int run = 0; run < kWarmUps + kRuns; ++run) {
    const auto start = std::chrono::steady_clock::now();
    CARE_RETURN_IF_ERROR(planner::PlanQuery(sql, catalog, BenchPlanInputs()).status());
    seconds.push_back(std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count());
  }
  Figures figures;
  figures.name = kPlanTask;
  figures.core_seconds = (OwnProcessorSeconds() - core_before) / (kWarmUps + kRuns);
  std::sort(seconds.begin() + kWarmUps, seconds.end());
  figures.seconds = seconds[kWarmUps + kRuns / 2];
  figures.peak_rss_bytes = PeakResidentBytes(getpid());
  figures.targets = {
      {"milliseconds to parse and plan (median, warm)", 1e3 * figures.seconds, 1e3 * kMostPlanSeconds}};
  return figures;
}

absl::StatusOr<Figures> MeasureIdle(const BenchOptions& options) {
  CARE_ASSIGN_OR_RETURN(const FederationDirectory data, DemoData(options));
  CARE_ASSIGN_OR_RETURN(
      ChildProcess node,
      ChildProcess::Start({.arguments = {options.program, "serve", data.NodeFile("hospital", "")},
                           .output_path = data.LogFile("hospital"),
                           .user = {}}));
  constexpr auto kSettle = std::chrono::seconds(1);
  constexpr auto kWatch = std::chrono::seconds(2);
  std::this_thread::sleep_for(kSettle);
  const double before = ProcessorSeconds(node.pid());
  std::this_thread::sleep_for(kWatch);
  Figures figures;
  figures.name = kIdleTask;
  figures.seconds = std::chrono::duration<double>(kWatch).count();
  figures.core_seconds = ProcessorSeconds(node.pid()) - before;
  figures.peak_rss_bytes = PeakResidentBytes(node.pid());
  const std::uint64_t resident = ResidentBytes(node.pid());
  if (!node.IsRunning() || resident == 0) {
    return absl::UnavailableError(absl::StrCat("the node ended: ", ReadTextFile(data.LogFile("hospital"))));
  }
  figures.targets = {
      {"megabytes of memory of an idle node", 1e-6 * static_cast<double>(resident), 1e-6 * kMostIdleBytes},
      {"processor seconds in two idle seconds", figures.core_seconds, kMostIdleProcessorSeconds}};
  return figures;
}

// "0.3 s at 10,000,000 rows, 8.2 bytes a row and party".
std::string AcceptText(std::uint64_t rows, double seconds, double bytes_a_row, double peak_bytes) {
  std::vector<std::string> parts;
  if (seconds > 0) parts.push_back(absl::StrCat(seconds, " s at ", rows, " rows"));
  if (bytes_a_row > 0) parts.push_back(absl::StrCat(bytes_a_row, " bytes a row and party"));
  if (peak_bytes > 0) parts.push_back(absl::StrCat(peak_bytes * 1e-9, " GB of memory a party"));
  return absl::StrJoin(parts, ", ");
}

Benchmark OfJoin(const JoinBenchmark& join) {
  std::string accept = AcceptText(join.rows, join.most_seconds, 0, join.most_peak_bytes);
  absl::StrAppend(&accept, accept.empty() ? "" : ", ", join.most_bytes_a_row, " bytes a spine row in all, ",
                  join.most_rounds, " rounds");
  return {join.name, join.what, std::move(accept),
          [join](const BenchOptions& options) { return MeasureJoin(join, options); }};
}

Benchmark OfHealth(const HealthBenchmark& health) {
  return {health.name, health.what, AcceptText(health.rows, health.most_seconds, 0, 0),
          [health](const BenchOptions& options) { return MeasureHealth(health, options); }};
}

Benchmark OfLink(const LinkBenchmark& link) {
  std::string accept;
  if (link.most_microseconds_round > 0) accept = absl::StrCat(link.most_microseconds_round, " microseconds a round");
  if (link.most_core_nanoseconds_byte > 0) {
    accept = absl::StrCat(link.most_core_nanoseconds_byte, " processor nanoseconds a byte, both ends");
  }
  return {link.name, link.what, accept, [link](const BenchOptions& options) { return MeasureLink(link, options); }};
}

Benchmark OfOperator(const OperatorBenchmark& benchmark) {
  return {std::string(benchmark.name), std::string(benchmark.what),
          AcceptText(benchmark.rows, benchmark.most_seconds, benchmark.most_bytes_a_row,
                     benchmark.most_peak_bytes),
          [benchmark](const BenchOptions& options) { return MeasureOperator(benchmark, options); }};
}

}  // namespace

std::vector<Benchmark> Benchmarks() {
  std::vector<Benchmark> all;
  for (const JoinBenchmark& join : kJoins) all.push_back(OfJoin(join));
  for (const HealthBenchmark& health : HealthBenchmarks()) all.push_back(OfHealth(health));
  for (const OperatorBenchmark& benchmark : OperatorBenchmarks()) all.push_back(OfOperator(benchmark));
  for (const LinkBenchmark& link : LinkBenchmarks()) all.push_back(OfLink(link));
  all.push_back({kFlagshipTask, "the coaching question with its databases, planned and executed",
                 absl::StrCat(kMostFlagshipSeconds, " s"), MeasureFlagship});
  all.push_back({kPlanTask, "parse and plan the coaching question, warm",
                 absl::StrCat(kMostPlanSeconds, " s"), MeasurePlan});
  all.push_back(
      {kIdleTask, "a node of the demonstration that nobody asks anything",
       absl::StrCat(kMostIdleBytes * 1e-6, " MB, ", kMostIdleProcessorSeconds, " processor seconds in 2 s"),
       MeasureIdle});
  all.push_back({kOkvsFailuresTask, "small lookup tables encoded, and those counted that have no solution",
                 "none of 1000000", [](const BenchOptions& options) {
                   return MeasureOkvsFailures(options.rows.value_or(kOkvsEncodes));
                 }});
  all.push_back({kPostgresqlTask, "a table in an owner's PostgreSQL becomes shares: the node's side",
                 absl::StrCat(kMostPostgresqlMicrosecondsARow, " microseconds of processor a row"),
                 [](const BenchOptions& options) {
                   return MeasurePostgresqlRead(options.rows.value_or(kPostgresqlRows), options.repeats);
                 }});
  return all;
}

planner::PlanInputs BenchPlanInputs() {
  planner::PlanInputs inputs;
  inputs.current_date_days = kPlanDate;
  inputs.recipient = 0;
  inputs.purpose = "benchmark";
  return inputs;
}

void DeclareLink(planner::Catalog& catalog, const std::optional<mpc::LinkSpeed>& link) {
  if (link.has_value())
    catalog.links[BenchPlanInputs().link_class] = {link->megabit_per_second, link->round_us};
}

std::string FlagshipSql() {
  for (const DemoQuestion& question : Questions()) {
    if (question.name == "02_cost_of_care") return question.sql;
  }
  return {};
}

}  // namespace care::engine
