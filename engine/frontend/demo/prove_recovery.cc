#include <algorithm>
#include <chrono>
#include <cstdio>
#include <thread>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "engine/frontend/demo/asking.h"
#include "engine/frontend/demo/demo_acts.h"
#include "engine/frontend/demo/print.h"
#include "engine/frontend/demo/questions.h"
#include "engine/frontend/demo/running_federation.h"
#include "engine/frontend/shell/print_answer.h"
#include "engine/types/status_macros.h"

namespace care::engine {
namespace {

using Clock = std::chrono::steady_clock;

constexpr auto kErrorPatience = std::chrono::seconds(90);
constexpr int kAttempts = 5;

double SecondsSince(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

const DemoQuestion& Flagship(const std::vector<DemoQuestion>& questions) {
  return *std::max_element(questions.begin(), questions.end(), [](const DemoQuestion& a, const DemoQuestion& b) {
    return (a.name == "02_cost_of_care") < (b.name == "02_cost_of_care");
  });
}

}  // namespace

absl::Status ProveRecovery(const DemoOptions& options, const FederationDirectory& directory) {
  CARE_RETURN_IF_ERROR(directory.WriteNodeFiles({}));
  CARE_ASSIGN_OR_RETURN(const auto federation, RunningFederation::Start(options.program, directory, ""));
  // Who asks a node that dies has nobody to hear the error from: then ask another.
  const std::string asked = options.kill == "hospital" ? "insurer" : "hospital";
  const Asking analyst(options.program, directory.NodeFile(asked, ""));
  const std::vector<DemoQuestion> questions = Questions();
  const DemoQuestion& question = Flagship(questions);
  Print(absl::StrCat("Question: ", question.plain, "\n\n1. All nodes up.\n"));
  const auto first_start = Clock::now();
  CARE_ASSIGN_OR_RETURN(const Answer first, analyst.Query(question.sql));
  const double usual = SecondsSince(first_start);
  Print(absl::StrFormat("   answered in %.2f s\n\n", usual));

  // When half of the usual time has passed the query is well under way; if it was quicker this time, again.
  for (int attempt = 1;; ++attempt) {
    const std::string output = directory.path() + "/killed-query.log";
    std::remove(output.c_str());
    CARE_ASSIGN_OR_RETURN(
        ChildProcess asking,
        ChildProcess::Start(
            {.arguments = analyst.QueryCommand(question.sql, "table"), .output_path = output, .user = {}}));
    std::this_thread::sleep_for(std::chrono::duration<double>(usual / (1 + attempt)));
    const bool in_time = asking.IsRunning();
    const pid_t victim = federation->PidOf(options.kill);
    const auto killed_at = Clock::now();
    if (in_time) federation->KillNode(options.kill);
    const std::optional<int> exit_code = asking.WaitFor(kErrorPatience);
    if (!exit_code.has_value()) {
      if (StopRequested()) return absl::CancelledError("stopped");
      return absl::DeadlineExceededError("the query neither answered nor failed");
    }
    if (in_time && *exit_code != 0) {
      Print(absl::StrFormat("2. The same question; after %.2f s the node of %s (process %d) was killed.\n",
                            usual / (1 + attempt), options.kill, victim));
      Print(absl::StrFormat("   %.2f s later the analyst has, with exit code %d:\n\n",
                            SecondsSince(killed_at), *exit_code));
      Print(absl::StrCat(ReadTextFile(output), "\n"));
      break;
    }
    if (in_time) CARE_RETURN_IF_ERROR(federation->StartNode(options.kill));
    if (attempt == kAttempts) return absl::InternalError("the query was always over before the node died");
  }

  for (const std::string party : kDemoParties) {
    if (party == options.kill) continue;
    if (!federation->IsRunning(party))
      return absl::InternalError(absl::StrCat("the node of ", party, " ended too"));
  }
  Print(absl::StrCat("3. The other two nodes still run. The node of ", options.kill, " is started again.\n"));
  CARE_RETURN_IF_ERROR(federation->StartNode(options.kill));
  const auto again_start = Clock::now();
  CARE_ASSIGN_OR_RETURN(const Answer again, analyst.Query(question.sql));
  const TableComparison comparison = CompareTables(ToTextTable(first), ToTextTable(again));
  Print(absl::StrFormat("   answered in %.2f s, %d differences from the first answer\n\n%s",
                        SecondsSince(again_start), comparison.differences.size(), FormatTable(again)));
  if (!comparison.differences.empty()) return absl::DataLossError("the answers differ");
  return absl::OkStatus();
}

}  // namespace care::engine
