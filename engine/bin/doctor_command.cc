// `care doctor`: what must be right before a query can be.

#include <cstdio>
#include <memory>

#include "engine/bin/commands.h"
#include "engine/frontend/doctor/doctor.h"

namespace care::bin {

void AddDoctor(CLI::App& app, int& exit_code) {
  struct Settings {
    engine::DoctorOptions doctor;
    std::string format = "text";
  };
  auto settings = std::make_shared<Settings>();
  settings->doctor.program_version = CARE_VERSION;
  CLI::App* command =
      app.add_subcommand("doctor", "Check a node's files, certificates, database, ledger and network");
  command->add_option("--node", settings->doctor.node_path, "The node file")->required()->check(CLI::ExistingFile);
  command->add_option("--format", settings->format, "text or json")
      ->check(CLI::IsMember({"text", "json"}))
      ->capture_default_str();
  command->footer(
      "Run it as the user that the node runs as. Peers are dialled and asked to dial back; no data is read and\n"
      "nothing is disclosed. If the node does not run, its address is listened on meanwhile.\n"
      "Exit codes: 0 nothing failed, 1 something did, 2 wrong usage.");
  command->callback([settings, &exit_code] {
    const engine::DoctorReport report = engine::RunDoctor(settings->doctor);
    const std::string text =
        settings->format == "json" ? engine::ReportAsJson(report) : engine::ReportAsText(report);
    std::fwrite(text.data(), 1, text.size(), stdout);
    if (report.failed()) exit_code = kFailed;
  });
}

}  // namespace care::bin
