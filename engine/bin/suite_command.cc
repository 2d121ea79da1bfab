// `care suite`: questions with expected answers, asked of a federation.

#include <cstdio>
#include <filesystem>
#include <memory>

#include "engine/bin/commands.h"
#include "engine/frontend/suite/run_suites.h"
#include "engine/frontend/suite/spawned_federation.h"

namespace care::bin {
namespace {

struct SuiteSettings {
  engine::SuiteOptions suite;
  engine::ClientOptions client;
  engine::SpawnOptions spawn;
};

void Print(const std::string& text) {
  std::fwrite(text.data(), 1, text.size(), stdout);
  std::fflush(stdout);
}

int Ask(const SuiteSettings& settings, const engine::ClientOptions& client) {
  const std::unique_ptr<engine::Answerer> node = engine::AskNode(client);
  const absl::StatusOr<engine::SuiteTotals> totals = engine::RunSuites(settings.suite, *node, &Print);
  if (!totals.ok()) {
    PrintError(totals.status());
    return kUsage;
  }
  return totals->success() ? kDone : kFailed;
}

int SpawnAndAsk(SuiteSettings settings) {
  engine::InstallStopHandler();
  std::error_code error;
  settings.spawn.program = std::filesystem::read_symlink("/proc/self/exe", error).string();
  const auto federation = engine::SpawnedFederation::Start(settings.spawn);
  if (!federation.ok()) {
    PrintError(federation.status());
    return kUsage;
  }
  settings.client.node_path = (*federation)->NodeFile();
  const int exit_code = Ask(settings, settings.client);
  const std::string ended = (*federation)->EndedNodes();
  if (ended.empty()) return exit_code;
  std::fputs(ended.c_str(), stderr);
  return exit_code == kDone ? kFailed : exit_code;
}

}  // namespace

void AddSuite(CLI::App& app, int& exit_code) {
  auto settings = std::make_shared<SuiteSettings>();
  CLI::App* command = app.add_subcommand("suite", "Ask the questions of test files and compare the answers");
  command->add_option("FILE", settings->suite.files, "Suites in sqllogictest's format")->required();
  CLI::Option_group* where = command->add_option_group("Whom to ask");
  where->add_option("--node", settings->client.node_path, "This node, of a federation that runs")
      ->check(CLI::ExistingFile);
  CLI::Option* spawn =
      where
          ->add_option("--spawn", settings->spawn.federation_path,
                       "Start nodes for this federation file on this machine, with the data in data/ beside it")
          ->check(CLI::ExistingFile);
  where->require_option(1);
  command->add_option("--threshold", settings->spawn.threshold, "Fewest persons in a released cell, at all nodes")
      ->needs(spawn)
      ->check(CLI::Range(1, 1'000'000))
      ->capture_default_str();
  command->add_option("--ask", settings->spawn.asked, "The party whose node is asked; default: the first that computes")
      ->needs(spawn);
  command->add_option("--certificate", settings->client.certificate_path,
                      "Your certificate; default: analyst.PARTY.pem beside the node's");
  command->add_option("--private-key", settings->client.private_key_path,
                      "Its key; default: analyst.PARTY.key beside the node's");
  command->add_option("--filter", settings->suite.filter, "Only records whose FILE:LINE, label or SQL contains this");
  command->add_option("--junit", settings->suite.junit_path, "Also write the results as JUnit XML to this file");
  command->add_flag("--update", settings->suite.update, "Write what was answered into the suites as expected");
  command->footer(
      "Examples: care suite --node hospital.toml questions.test\n"
      "          care suite --spawn example/federation.toml questions.test --junit results.xml\n"
      "Exit codes: 0 all records passed, 1 some failed or none was run, 2 wrong usage. docs/suite.md describes the "
      "format.");
  command->callback([settings, &exit_code] {
    const bool spawns = !settings->spawn.federation_path.empty();
    exit_code = spawns ? SpawnAndAsk(*settings) : Ask(*settings, settings->client);
  });
}

}  // namespace care::bin
