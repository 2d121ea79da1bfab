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
  auto* parties = command->add_option("--parties", options->parties, "The parties' names, with commas between them")
                      ->delimiter(',');
  command->add_flag("--authority-only", options->authority_only,
                    "Make the authority alone: the parties make their own keys, and it signs their requests")
      ->excludes(parties);
  auto renew = std::make_shared<engine::RenewOptions>();
  auto* renewed = command->add_option("--renew", renew->name,
                                      "Instead: a new key and certificate for one, a party or analyst@PARTY")
                      ->excludes(parties);
  command->add_flag("--same-key", renew->same_key, "With --renew: a new certificate for the key that is there")
      ->needs(renewed);
  command->add_option("--days", options->days, "How long the certificates are valid")
      ->check(CLI::Range(1, 3650))
      ->capture_default_str();
  command->add_flag("--replace", options->replace, "Replace keys that exist");
  command->footer(
      "Example: care keygen --federation-directory trial --parties hospital,insurer,bureau\n"
      "         care keygen --federation-directory trial --renew hospital\n"
      "         care keygen --federation-directory authority --authority-only\n"
      "Keep authority.key away from the nodes: whoever has it can issue a certificate in anybody's name.");
  command->callback([options, renew, &exit_code] {
    const bool renews = !renew->name.empty();
    if (!renews && options->parties.empty() && !options->authority_only) {
      throw CLI::RequiredError("--parties, --authority-only or --renew");
    }
    renew->directory = options->directory;
    renew->days = options->days;
    const absl::StatusOr<std::string> fingerprint = renews ? engine::RenewKeys(*renew) : engine::MakeKeys(*options);
    if (!fingerprint.ok()) {
      PrintError(fingerprint.status());
      exit_code = fingerprint.status().code() == absl::StatusCode::kInvalidArgument ? kUsage : kFailed;
      return;
    }
    if (renews) {
      std::fputs(fingerprint->c_str(), stdout);
      return;
    }
    std::printf("authority_sha256 = \"%s\"\n", fingerprint->c_str());
  });
}

}  // namespace care::bin
