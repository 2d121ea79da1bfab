// `care doctor`: what must be right before a query can be.

#include <cstdio>
#include <memory>
#include <string>
#include <vector>

#include "engine/bin/commands.h"
#include "engine/frontend/doctor/doctor.h"
#include "engine/session/build_identity.h"

namespace care::bin {

void AddDoctor(CLI::App& app, int& exit_code) {
  struct Settings {
    engine::DoctorOptions doctor;
    std::string format = "text";
    std::vector<std::string> join;
  };
  auto settings = std::make_shared<Settings>();
  settings->doctor.program_version = engine::BuildIdentity();
  CLI::App* command =
      app.add_subcommand("doctor", "Check a node's files, certificates, database, ledger and network");
  command->add_option("--node", settings->doctor.node_path, "The node file")
      ->required()
      ->check(CLI::ExistingFile);
  command->add_option("--format", settings->format, "text or json")
      ->check(CLI::IsMember({"text", "json"}))
      ->capture_default_str();
  command->add_flag(
      "--data", settings->doctor.data,
      "Also read all rows of this party's own tables, here, and say which declared rules they break");
  command
      ->add_option(
          "--join", settings->join,
          "Also ask, as any query, how many persons of one table are in another: OWNER.TABLE.COLUMN twice")
      ->expected(2);
  command->add_option("--certificate", settings->doctor.certificate_path,
                      "The analyst's, for --join; default: analyst.PARTY.pem beside the node's");
  command->add_option("--private-key", settings->doctor.private_key_path, "Its key");
  command->footer(
      "Run it as the user that the node runs as. Peers are dialled and asked to dial back; without --data "
      "and\n"
      "--join no row is read, and without --join nothing is disclosed. If the node does not run, its address "
      "is listened on meanwhile.\n"
      "Exit codes: 0 nothing failed, 1 something did, 2 wrong usage.");
  command->callback([settings, &exit_code] {
    if (settings->join.size() == 2) {
      settings->doctor.join_left = settings->join[0];
      settings->doctor.join_right = settings->join[1];
    }
    const engine::DoctorReport report = engine::RunDoctor(settings->doctor);
    const std::string text =
        settings->format == "json" ? engine::ReportAsJson(report) : engine::ReportAsText(report);
    std::fwrite(text.data(), 1, text.size(), stdout);
    if (report.failed()) exit_code = kFailed;
  });
}

}  // namespace care::bin
