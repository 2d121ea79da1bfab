#include <string_view>
#include <thread>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "engine/frontend/demo/asking.h"
#include "engine/frontend/demo/demo_acts.h"
#include "engine/frontend/demo/print.h"
#include "engine/frontend/demo/questions.h"
#include "engine/frontend/demo/running_federation.h"
#include "engine/frontend/generate/coaching_data.h"
#include "engine/frontend/pgwire/users_file.h"
#include "engine/frontend/shell/print_answer.h"
#include "engine/types/status_macros.h"

namespace care::engine {
namespace {

// Without the empty piece after the last line's end.
std::vector<std::string_view> SplitLines(std::string_view text) {
  std::vector<std::string_view> lines;
  while (!text.empty()) {
    const std::size_t end = text.find('\n');
    lines.push_back(text.substr(0, end));
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  }
  return lines;
}

std::string Indented(const std::string& text) {
  std::string result;
  for (const std::string_view line : SplitLines(text)) {
    absl::StrAppend(&result, line.empty() ? "" : "  ", std::string(line), "\n");
  }
  return result;
}

absl::Status ShowQuestion(std::size_t number, std::size_t count, const DemoQuestion& question,
                          const Asking& hospital) {
  Print(absl::StrCat("\n=== Question ", number, " of ", count, ": ", question.plain, "\n\nSQL\n",
                     Indented(question.sql), "\n"));
  CARE_ASSIGN_OR_RETURN(const std::string explanation, hospital.Explain(question.sql));
  Print(absl::StrCat("Plan and leakage report\n", Indented(explanation), "\n"));
  CARE_ASSIGN_OR_RETURN(const Answer answer, hospital.Query(question.sql));
  Print(absl::StrCat("Released to the hospital\n", Indented(FormatTable(answer))));
  Print(absl::StrCat("  ", FormatFigures(answer), "\n"));
  return absl::OkStatus();
}

constexpr char kDemoUser[] = "analyst";
constexpr std::size_t kPasswordBytes = 9;

// One user at each node, with a password of this run.
absl::StatusOr<std::string> MakeUsers(const FederationDirectory& directory) {
  CARE_ASSIGN_OR_RETURN(const std::string bytes, pgwire::RandomBytes(kPasswordBytes));
  const std::string password = absl::BytesToHexString(bytes);
  CARE_ASSIGN_OR_RETURN(const pgwire::ScramVerifier verifier, pgwire::MakeVerifier(password));
  for (const char* party : kDemoParties) {
    CARE_RETURN_IF_ERROR(pgwire::SaveUsers(directory.UsersFile(party), {{kDemoUser, verifier}}));
  }
  return password;
}

}  // namespace

absl::Status ShowQuestions(const DemoOptions& options, const FederationDirectory& directory) {
  CARE_RETURN_IF_ERROR(directory.WriteNodeFiles({}));
  CARE_ASSIGN_OR_RETURN(const auto federation, RunningFederation::Start(options.program, directory, ""));
  Print("Three nodes run on this machine, each with its own database, key and certificate:\n");
  for (const char* party : kDemoParties) {
    Print(absl::StrFormat("  %-9s 127.0.0.1:%d  process %d\n", party, directory.PortOf(party),
                          federation->PidOf(party)));
  }
  const Asking hospital(options.program, directory.NodeFile("hospital", ""));
  const std::vector<DemoQuestion> questions = Questions();
  for (std::size_t index = 0; index < questions.size(); ++index) {
    CARE_RETURN_IF_ERROR(ShowQuestion(index + 1, questions.size(), questions[index], hospital));
  }
  Print(
      "\nHow to go on\n"
      "  ./run up                          keeps the federation running, for queries of your own\n"
      "  ./run demo --verify               compares every cell with PostgreSQL on the union of the data\n"
      "  ./run demo --eavesdrop hospital   shows what a node receives, beside noise\n"
      "  ./run demo --kill insurer         kills a node in mid-query\n");
  return absl::OkStatus();
}

absl::Status KeepUp(const DemoOptions& options, const FederationDirectory& directory) {
  CARE_RETURN_IF_ERROR(directory.WriteNodeFiles({}));
  CARE_ASSIGN_OR_RETURN(const std::string password, MakeUsers(directory));
  CARE_ASSIGN_OR_RETURN(const auto federation, RunningFederation::Start(options.program, directory, ""));
  const std::string node = directory.NodeFile("hospital", "");
  Print(absl::StrCat(
      "The federation runs until Ctrl-C. In another terminal:\n\n  ", options.program, " query --node ", node,
      " \\\n    \"SELECT COUNT(*) FROM hospital.patients p JOIN insurer.insured i ON i.bsn = p.bsn\"\n\n  ",
      options.program, " explain --node ", node,
      " \\\n    \"SELECT education, COUNT(*) FROM patient_care GROUP BY education\"\n\n"
      "With psql (\\d lists tables and columns; the password is this run's):\n\n  PGPASSWORD=", password,
      " psql \"host=127.0.0.1 port=", directory.SqlPortOf("hospital"), " dbname=", CoachingDataOptions().federation_name, " user=", kDemoUser,
      " sslmode=verify-ca sslrootcert=", directory.path(), "/authority.pem\"\n\n"
      "Answers of care query come as --format table, csv or json. Tables and columns: ",
      directory.FederationFile(), "\n"));
  while (!StopRequested()) {
    if (const std::string ended = federation->EndedNode(); !ended.empty()) {
      return absl::UnavailableError(
          absl::StrCat("the node of ", ended, " ended; its log: ", directory.LogFile(ended)));
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(200));
  }
  Print("\nstopped\n");
  return absl::OkStatus();
}

}  // namespace care::engine
