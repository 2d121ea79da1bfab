#include "engine/frontend/bench/benchmark.h"

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <functional>
#include <map>
#include <thread>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "engine/frontend/bench/bench_party.h"
#include "engine/frontend/bench/database_read.h"
#include "engine/frontend/bench/party_links.h"
#include "engine/frontend/bench/process_use.h"
#include "engine/frontend/demo/federation_directory.h"
#include "engine/frontend/demo/questions.h"
#include "engine/frontend/demo/running_federation.h"
#include "engine/frontend/reference/child_process.h"
#include "engine/frontend/shell/make_keys.h"
#include "engine/types/status_macros.h"
#include "planner/physical/plan_query.h"

namespace care::engine {
namespace {

namespace fs = std::filesystem;

constexpr const char* kPlanTask = "plan";
constexpr const char* kIdleTask = "idle";
constexpr const char* kPostgresqlTask = "postgresql";
constexpr std::int32_t kPlanDate = 19'723;  // 2024-01-01: plans do not depend on the day of the benchmark
constexpr std::uint16_t kIdlePort = 7491;

constexpr double kMostBytesARow = 150;
constexpr double kMostRoundsBeforeGate = 40;
constexpr double kMostFlagshipSeconds = 3;
constexpr double kMostPlanSeconds = 0.005;
constexpr double kMostIdleBytes = 60e6;
constexpr double kMostIdleProcessorSeconds = 0.02;  // two ticks of the kernel's clock in two seconds

absl::StatusOr<std::string> KeyDirectory(const BenchOptions& options) {
  const std::string directory = options.directory + "/keys";
  std::error_code error;
  fs::create_directories(options.directory, error);
  if (error) return absl::UnavailableError(absl::StrCat("cannot make the directory ", options.directory));
  KeyOptions keys;
  keys.directory = directory;
  keys.parties = BenchPartyNames();
  keys.replace = true;
  CARE_RETURN_IF_ERROR(MakeKeys(keys).status());
  return directory;
}

absl::StatusOr<FederationDirectory> DemoData(const BenchOptions& options) {
  DemoOptions demo;
  demo.program = options.program;
  demo.directory = options.directory;
  demo.port = kIdlePort;
  CARE_ASSIGN_OR_RETURN(FederationDirectory data, FederationDirectory::Prepare(demo, /*csv=*/false));
  CARE_RETURN_IF_ERROR(data.WriteNodeFiles({}));
  return data;
}

// Three processes of this program; each prints a line of figures a run. The result is by run, then by role.
absl::StatusOr<std::vector<std::array<PartyFigures, 3>>> RunParties(const BenchOptions& options,
                                                                    const std::string& task,
                                                                    const std::string& data_directory) {
  CARE_ASSIGN_OR_RETURN(const std::string keys, KeyDirectory(options));
  CARE_ASSIGN_OR_RETURN(const BenchPorts ports, FreePorts());
  std::array<absl::StatusOr<CommandResult>, 3> results;
  std::vector<std::thread> threads;
  for (unsigned role = 0; role < results.size(); ++role) {
    threads.emplace_back([&, role] {
      results[role] =
          RunCommand({options.program, "bench-party", "--task", task, "--role", absl::StrCat(role), "--ports",
                      absl::StrJoin(ports, ","), "--keys", keys, "--data", data_directory, "--rows",
                      absl::StrCat(options.rows), "--repeats", absl::StrCat(options.repeats)});
    });
  }
  for (std::thread& thread : threads) thread.join();
  std::vector<std::array<PartyFigures, 3>> runs(options.repeats);
  std::vector<std::string> errors;
  for (unsigned role = 0; role < results.size(); ++role) {
    CARE_RETURN_IF_ERROR(results[role].status());
    if (results[role]->exit_code != 0) {
      errors.push_back(
          absl::StrCat("p", role, " ended with ", results[role]->exit_code, ": ", results[role]->error));
      continue;
    }
    const std::vector<std::string> lines = absl::StrSplit(results[role]->output, '\n', absl::SkipEmpty());
    if (lines.size() != runs.size())
      return absl::InternalError("a party of the benchmark reported too few runs");
    for (std::size_t run = 0; run < runs.size(); ++run) {
      CARE_ASSIGN_OR_RETURN(runs[run][role], PartyFigures::FromJson(lines[run]));
    }
  }
  if (!errors.empty()) return absl::InternalError(absl::StrCat(task, ": ", absl::StrJoin(errors, "\n")));
  return runs;
}

struct Joint {
  Figures figures;
  std::uint64_t rounds_before_gate = 0;
  std::uint64_t bytes_before_gate = 0;
};

double SecondsOf(const std::array<PartyFigures, 3>& run) {
  return std::max({run[0].seconds, run[1].seconds, run[2].seconds});
}

absl::StatusOr<Joint> MeasureJoint(const BenchOptions& options, const std::string& task,
                                   const std::string& data_directory) {
  CARE_ASSIGN_OR_RETURN(const auto runs, RunParties(options, task, data_directory));
  const auto& best = *std::min_element(
      runs.begin(), runs.end(), [](const auto& a, const auto& b) { return SecondsOf(a) < SecondsOf(b); });
  Joint joint;
  joint.figures.name = task;
  joint.figures.seconds = SecondsOf(best);
  for (const auto& [step, seconds] : best[0].steps) {
    StepTimes times{step, {}};
    for (const PartyFigures& party : best) {
      const auto found = party.steps.find(step);
      times.seconds.push_back(found == party.steps.end() ? 0 : found->second);
    }
    joint.figures.steps.push_back(std::move(times));
  }
  double streamed = 0;
  double stream_seconds = 0;
  for (const PartyFigures& party : best) {
    joint.figures.core_seconds += party.core_seconds;
    joint.figures.rounds = party.rounds;
    joint.figures.bytes_per_party.push_back(party.bytes_sent);
    joint.figures.peak_rss_bytes = std::max(joint.figures.peak_rss_bytes, party.peak_rss_bytes);
    joint.rounds_before_gate = party.rounds_before_gate;
    joint.bytes_before_gate += party.bytes_sent_before_gate;
    streamed += static_cast<double>(party.streamed_bytes);
    stream_seconds = std::max(stream_seconds, party.stream_seconds);
  }
  joint.figures.limit_seconds = static_cast<double>(joint.figures.bytes_total()) * stream_seconds / streamed;
  return joint;
}

absl::StatusOr<Figures> MeasureJoin(const BenchOptions& options) {
  CARE_ASSIGN_OR_RETURN(Joint joint, MeasureJoint(options, kJoinTask, options.directory));
  Figures& figures = joint.figures;
  figures.rows = options.rows;
  figures.targets = {
      {"bytes a spine row, before the gate",
       static_cast<double>(joint.bytes_before_gate) / static_cast<double>(options.rows), kMostBytesARow},
      {"rounds before the gate", static_cast<double>(joint.rounds_before_gate), kMostRoundsBeforeGate}};
  return figures;
}

absl::StatusOr<Figures> MeasureFlagship(const BenchOptions& options) {
  CARE_ASSIGN_OR_RETURN(const FederationDirectory data, DemoData(options));
  CARE_ASSIGN_OR_RETURN(Joint joint, MeasureJoint(options, kFlagshipTask, data.path()));
  joint.figures.rows = DemoOptions().patients;
  joint.figures.targets = {
      {"seconds with the owners' databases", joint.figures.seconds, kMostFlagshipSeconds}};
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

}  // namespace

const std::vector<std::string>& BenchNames() {
  static const auto& names = *new std::vector<std::string>{kJoinTask, kFlagshipTask, kPlanTask, kIdleTask,
                                                          kPostgresqlTask};
  return names;
}

planner::PlanInputs BenchPlanInputs() {
  planner::PlanInputs inputs;
  inputs.current_date_days = kPlanDate;
  inputs.recipient = 0;
  inputs.purpose = "benchmark";
  return inputs;
}

std::string FlagshipSql() {
  for (const Question& question : Questions()) {
    if (question.name == "02_cost_of_care") return question.sql;
  }
  return {};
}

absl::StatusOr<Figures> RunBenchmark(const std::string& name, const BenchOptions& options) {
  if (name == kJoinTask) return MeasureJoin(options);
  if (name == kFlagshipTask) return MeasureFlagship(options);
  if (name == kPlanTask) return MeasurePlan(options);
  if (name == kIdleTask) return MeasureIdle(options);
  if (name == kPostgresqlTask) return MeasurePostgresqlRead(options.rows, options.repeats);
  return absl::InvalidArgumentError(
      absl::StrCat("there is no benchmark \"", name, "\"; there are ", absl::StrJoin(BenchNames(), ", ")));
}

}  // namespace care::engine
