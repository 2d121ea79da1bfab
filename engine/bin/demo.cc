#include "engine/bin/demo.h"

#include <cstdio>
#include <filesystem>
#include <memory>

#include "engine/frontend/demo/demo.h"
#include "engine/frontend/reference/child_process.h"

namespace care::engine {
namespace {

constexpr int kFailed = 1;
constexpr int kStopped = 130;  // as shells say it of Ctrl-C

std::string OwnProgram() {
  std::error_code error;
  const std::filesystem::path path = std::filesystem::read_symlink("/proc/self/exe", error);
  return error ? "care" : path.string();
}

int Run(DemoOptions& options) {
  options.program = OwnProgram();
  const absl::Status status = RunDemo(options);
  if (StopRequested()) {
    std::fprintf(stderr, "\nstopped; all nodes have ended\n");
    return kStopped;
  }
  if (status.ok()) return 0;
  std::fprintf(stderr, "\ncare demo: %s\n", std::string(status.message()).c_str());
  return kFailed;
}

}  // namespace

void AddDemoCommand(CLI::App& app, int& exit_code) {
  CLI::App* command = app.add_subcommand(
      "demo",
      "Three organisations on this machine: generate data, start their nodes, answer the question set");
  auto options = std::make_shared<DemoOptions>();
  options->directory = "care-demo";
  command->add_option("--directory", options->directory, "where data, keys and logs are kept")
      ->capture_default_str();
  command->add_option("--patients", options->patients, "patients of the hospital")->capture_default_str();
  command->add_option("--insured", options->insured, "persons insured at the insurer")->capture_default_str();
  command->add_option("--claims", options->claims, "claim lines of the insurer")->capture_default_str();
  command->add_option("--persons", options->persons, "persons known to the bureau")->capture_default_str();
  command->add_option("--seed", options->seed, "what the invented data follow from")->capture_default_str();
  command->add_option("--port", options->port, "the hospital's port; the others take the next two, and SQL clients the three after them")
      ->capture_default_str();
  command->add_flag("--verify", options->verify,
                    "compare every cell with PostgreSQL on the union of the data");
  command->add_option("--eavesdrop", options->eavesdrop,
                      "show what this party's node received, beside noise");
  command->add_option("--kill", options->kill, "kill this party's node in mid-query, and start it again");
  command->add_flag("--up", options->up, "keep the nodes running until Ctrl-C");
  command->callback([options, &exit_code] { exit_code = Run(*options); });
}

}  // namespace care::engine
