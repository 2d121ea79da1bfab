// `care keygen`: certificates for a federation.

#include <cstdio>
#include <memory>

#include "engine/bin/commands.h"
#include "engine/frontend/shell/make_keys.h"

namespace care::bin {

void AddKeygen(CLI::App& app, int& exit_code) {
  auto options = std::make_shared<engine::KeyOptions>();
  CLI::App* command = app.add_subcommand("keygen", "Make an authority and certificates for nodes and analysts");
  command->add_option("--federation-directory", options->directory, "Where the files go")->required();
  command->add_option("--parties", options->parties, "The parties' names, with commas between them")
      ->required()
      ->delimiter(',');
  command->add_option("--days", options->days, "How long the certificates are valid")
      ->check(CLI::Range(1, 3650))
      ->capture_default_str();
  command->add_flag("--replace", options->replace, "Replace keys that exist");
  command->footer(
      "Example: care keygen --federation-directory trial --parties hospital,insurer,bureau\n"
      "Keep authority.key away from the nodes: whoever has it can issue a certificate in anybody's name.");
  command->callback([options, &exit_code] {
    const absl::StatusOr<std::string> fingerprint = engine::MakeKeys(*options);
    if (!fingerprint.ok()) {
      PrintError(fingerprint.status());
      exit_code = fingerprint.status().code() == absl::StatusCode::kInvalidArgument ? kUsage : kFailed;
      return;
    }
    std::printf("authority_sha256 = \"%s\"\n", fingerprint->c_str());
  });
}

}  // namespace care::bin
