#include "engine/frontend/bench/party_processes.h"

#include <algorithm>
#include <filesystem>
#include <thread>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "engine/frontend/bench/link_option.h"
#include "engine/frontend/bench/party_links.h"
#include "engine/frontend/reference/child_process.h"
#include "engine/frontend/shell/make_keys.h"
#include "engine/types/status_macros.h"

namespace care::engine {
namespace {

absl::StatusOr<std::string> KeyDirectory(const std::string& parent) {
  std::error_code error;
  std::filesystem::create_directories(parent, error);
  if (error) return absl::UnavailableError(absl::StrCat("cannot make the directory ", parent));
  KeyOptions keys;
  keys.directory = parent + "/keys";
  keys.parties = BenchPartyNames();
  keys.replace = true;
  CARE_RETURN_IF_ERROR(MakeKeys(keys).status());
  return keys.directory;
}

double SecondsOf(const std::array<PartyFigures, 3>& run) {
  return std::max({run[0].seconds, run[1].seconds, run[2].seconds});
}

}  // namespace

absl::StatusOr<PartyRuns> RunPartyProcesses(const PartyProcesses& processes) {
  CARE_ASSIGN_OR_RETURN(const std::string keys, KeyDirectory(processes.directory));
  CARE_ASSIGN_OR_RETURN(const BenchPorts ports, FreePorts());
  std::array<absl::StatusOr<CommandResult>, 3> results;
  std::vector<std::thread> threads;
  for (unsigned role = 0; role < results.size(); ++role) {
    threads.emplace_back([&, role] {
      std::vector<std::string> command = {processes.program, "bench-party",
                                          "--task",          processes.task,
                                          "--role",          absl::StrCat(role),
                                          "--ports",         absl::StrJoin(ports, ","),
                                          "--keys",          keys,
                                          "--data",          processes.data_directory,
                                          "--rows",          absl::StrCat(processes.rows),
                                          "--repeats",       absl::StrCat(processes.repeats)};
      if (processes.link.has_value()) command.insert(command.end(), {"--link", LinkText(*processes.link)});
      results[role] = RunCommand(command);
    });
  }
  for (std::thread& thread : threads) thread.join();
  PartyRuns runs(processes.repeats);
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
  if (!errors.empty())
    return absl::InternalError(absl::StrCat(processes.task, ": ", absl::StrJoin(errors, "\n")));
  return runs;
}

JointFigures FastestRun(const PartyRuns& runs) {
  const auto& best = *std::min_element(
      runs.begin(), runs.end(), [](const auto& a, const auto& b) { return SecondsOf(a) < SecondsOf(b); });
  JointFigures joint;
  Figures& figures = joint.figures;
  figures.seconds = SecondsOf(best);
  for (const auto& [step, seconds] : best[0].steps) {
    StepTimes times{step, {}};
    for (const PartyFigures& party : best) {
      const auto found = party.steps.find(step);
      times.seconds.push_back(found == party.steps.end() ? 0 : found->second);
    }
    figures.steps.push_back(std::move(times));
  }
  double streamed = 0;
  double stream_seconds = 0;
  for (const PartyFigures& party : best) {
    figures.core_seconds += party.core_seconds;
    figures.rounds = party.rounds;
    figures.bytes_sent.push_back(party.bytes_sent);
    figures.peak_rss_bytes = std::max(figures.peak_rss_bytes, party.peak_rss_bytes);
    joint.rounds_before_gate = party.rounds_before_gate;
    joint.bytes_before_gate += party.bytes_sent_before_gate;
    streamed += static_cast<double>(party.streamed_bytes);
    stream_seconds = std::max(stream_seconds, party.stream_seconds);
  }
  figures.limit_seconds = static_cast<double>(figures.bytes_total()) * stream_seconds / streamed;
  return joint;
}

}  // namespace care::engine
