// `care federation`: agree on a new federation file while nodes run.

#include <cstdio>
#include <ctime>
#include <memory>

#include "engine/bin/commands.h"
#include "engine/frontend/shell/change_federation.h"

namespace care::bin {
namespace {

using Options = std::shared_ptr<engine::ChangeOptions>;

void Report(const absl::StatusOr<std::string>& text, int& exit_code) {
  if (text.ok()) {
    std::fputs(text->c_str(), stdout);
    return;
  }
  PrintError(text.status());
  exit_code = text.status().code() == absl::StatusCode::kInvalidArgument ? kUsage : kFailed;
}

Options AddNodeOption(CLI::App& command) {
  auto options = std::make_shared<engine::ChangeOptions>();
  options->now = std::time(nullptr);
  command.add_option("--node", options->node_path, "Your organisation's node file")->required()->check(CLI::ExistingFile);
  return options;
}

void AddFile(CLI::App& command, const Options& options) {
  command.add_option("FEDERATION", options->federation_path, "The new federation file")
      ->required()
      ->check(CLI::ExistingFile);
}

}  // namespace

void AddFederation(CLI::App& app, int& exit_code) {
  CLI::App* federation = app.add_subcommand("federation", "Agree on a new federation file while nodes run");
  federation->require_subcommand(1);
  federation->footer(
      "In this order: one organisation writes the new file and all read what `diff` says; each signs it with `sign`\n"
      "and the same --at; the PARTY.sig files go round; each runs `activate`. docs/federation-changes.md has the steps.");

  CLI::App* diff = federation->add_subcommand("diff", "What changes from one federation file to another");
  auto paths = std::make_shared<std::pair<std::string, std::string>>();
  diff->add_option("OLD", paths->first)->required()->check(CLI::ExistingFile);
  diff->add_option("NEW", paths->second)->required()->check(CLI::ExistingFile);
  diff->callback([paths, &exit_code] { Report(engine::DiffFederations(paths->first, paths->second), exit_code); });

  CLI::App* sign = federation->add_subcommand("sign", "Sign a new federation file for your organisation");
  const Options signing = AddNodeOption(*sign);
  AddFile(*sign, signing);
  sign->add_option("--at", signing->at, "From when it is in force, in UTC: 2026-12-01T06:00:00Z")->required();
  sign->add_option("--replaces", signing->replaces_path,
                   "The file in force, where your node does not hold it: for an organisation that joins")
      ->check(CLI::ExistingFile);
  sign->add_flag("--replace", signing->replace,
                 "Sign although your organisation has signed another change with this version's number");
  sign->callback([signing, &exit_code] { Report(engine::SignFederation(*signing), exit_code); });

  CLI::App* activate =
      federation->add_subcommand("activate", "Give your node a new federation file that everybody has signed");
  const Options activating = AddNodeOption(*activate);
  AddFile(*activate, activating);
  activate->add_option("--at", activating->at, "From when it is in force; without it, as your organisation signed");
  activate->callback([activating, &exit_code] { Report(engine::ActivateFederation(*activating), exit_code); });

  CLI::App* withdraw = federation->add_subcommand("withdraw", "Take back a version that waits for its instant");
  const Options withdrawing = AddNodeOption(*withdraw);
  withdraw->callback([withdrawing, &exit_code] { Report(engine::WithdrawFederation(*withdrawing), exit_code); });

  CLI::App* status = federation->add_subcommand("status", "Which versions your node holds, who signed, what is in force");
  const Options asking = AddNodeOption(*status);
  auto format = std::make_shared<std::string>("text");
  status->add_option("--format", *format, "text or json")->check(CLI::IsMember({"text", "json"}))->capture_default_str();
  status->callback(
      [asking, format, &exit_code] { Report(engine::FederationStatus(*asking, *format == "json"), exit_code); });
}

}  // namespace care::bin
