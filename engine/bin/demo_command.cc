// `care demo`: three organisations on one machine answer the question set.

#include <filesystem>
#include <memory>

#include "engine/bin/commands.h"
#include "engine/frontend/demo/demo.h"

namespace care::bin {

void AddDemo(CLI::App& app, int& exit_code) {
  auto options = std::make_shared<engine::DemoOptions>();
  options->directory = "demo";
  CLI::App* command = app.add_subcommand("demo", "Three organisations on this machine answer a set of questions");
  command->add_option("--directory", options->directory, "Data, keys, node files and logs; kept for the next run")
      ->capture_default_str();
  command->add_option("--patients", options->patients, "Patients of the hospital")->capture_default_str();
  command->add_option("--insured", options->insured, "Persons insured")->capture_default_str();
  command->add_option("--claims", options->claims, "Claim lines")->capture_default_str();
  command->add_option("--persons", options->persons, "Persons at the bureau")->capture_default_str();
  command->add_option("--seed", options->seed, "The data follow from it alone")->capture_default_str();
  command->add_option("--port", options->port, "The first of three ports on 127.0.0.1")->capture_default_str();
  command->add_flag("--verify", options->verify, "Compare every cell with PostgreSQL on the union of the data");
  command->add_option("--eavesdrop", options->eavesdrop, "Show what this party's node received, beside noise");
  command->add_option("--kill", options->kill, "This party's node dies in mid-query; restarted, the next answers");
  command->add_flag("--up", options->up, "Keep the nodes running, for `care query` and `care explain`");
  command->callback([options, &exit_code] {
    std::error_code error;
    options->program = std::filesystem::read_symlink("/proc/self/exe", error).string();
    const absl::Status status = engine::RunDemo(*options);
    if (status.ok()) return;
    PrintError(status);
    exit_code = status.code() == absl::StatusCode::kInvalidArgument ? kUsage : kFailed;
  });
}

}  // namespace care::bin
