// `care suite`: questions with expected answers, asked of a federation.

#include <unistd.h>

#include <cstdio>
#include <memory>

#include "engine/bin/commands.h"
#include "engine/frontend/suite/run_suites.h"

namespace care::bin {
namespace {

struct SuiteSettings {
  engine::SuiteOptions suite;
  engine::ClientOptions client;
};

void Print(const std::string& text) {
  std::fwrite(text.data(), 1, text.size(), stdout);
  std::fflush(stdout);
}

int RunSuite(const SuiteSettings& settings) {
  const std::unique_ptr<engine::Answerer> node = engine::AskNode(settings.client);
  const absl::StatusOr<engine::SuiteTotals> totals = engine::RunSuites(settings.suite, *node, &Print);
  if (!totals.ok()) {
    PrintError(totals.status());
    return kUsage;
  }
  return totals->success() ? kDone : kFailed;
}

}  // namespace

void AddSuite(CLI::App& app, int& exit_code) {
  auto settings = std::make_shared<SuiteSettings>();
  CLI::App* command = app.add_subcommand("suite", "Ask the questions of test files and compare the answers");
  command->add_option("FILE", settings->suite.files, "Suites in sqllogictest's format")->required();
  command->add_option("--node", settings->client.node_path, "Ask this node, of a federation that runs")
      ->required()
      ->check(CLI::ExistingFile);
  command->add_option("--certificate", settings->client.certificate_path,
                      "Your certificate; default: analyst.PARTY.pem beside the node's");
  command->add_option("--private-key", settings->client.private_key_path,
                      "Its key; default: analyst.PARTY.key beside the node's");
  command->add_option("--filter", settings->suite.filter, "Only records whose FILE:LINE, label or SQL contains this");
  command->add_option("--junit", settings->suite.junit_path, "Also write the results as JUnit XML to this file");
  command->add_flag("--update", settings->suite.update, "Write what was answered into the suites as expected");
  command->footer(
      "Example: care suite --node hospital.toml tests/sql/coaching.test\n"
      "Exit codes: 0 all records passed, 1 some failed or none was run, 2 wrong usage. docs/suite.md describes the "
      "format.");
  command->callback([settings, &exit_code] { exit_code = RunSuite(*settings); });
}

}  // namespace care::bin
