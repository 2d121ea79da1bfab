// engine/bin/care.cc
//
// The program: joins sub-commands, prints help, ends with an exit code.

#include <cstdio>
#include <exception>

#include "engine/bin/commands.h"
#include "engine/bin/demo.h"
#include "engine/bin/memory.h"
#include "engine/session/build_identity.h"

namespace care::bin {

void PrintError(const absl::Status& status) {
  const std::string message(status.message());
  // Errors of a query open with "error: " and show the line with a caret.
  const bool has_form = message.starts_with("error: ") || message.find("\nLINE ") != std::string::npos;
  std::fprintf(stderr, "%s%s\n", has_form ? "" : "care: ", message.c_str());
}

namespace {

int Run(int argc, char** argv) {
  CLI::App app(
      "Care for Data: SQL over the joined data of organisations that may not show each other that data.\n"
      "Each keeps its rows; only released aggregates are opened, and only to the party that asks.");
  app.name("care");
  app.set_version_flag("--version", "care " + engine::BuildIdentity());
  app.require_subcommand(1);
  app.footer(
      "A first try:        care demo\n"
      "At an organisation: care serve hospital.toml\n"
      "As its analyst:     care query --node hospital.toml \"SELECT COUNT(*) FROM hospital.patients\"\n"
      "                    care explain --node hospital.toml \"SELECT ...\"\n"
      "Exit codes: 0 done, 1 refused or failed, 2 wrong usage, 3 the node cannot be reached.\n"
      "`care COMMAND --help` says more about a command.");
  int exit_code = kDone;
  AddQuery(app, exit_code);
  AddExplain(app, exit_code);
  AddSuite(app, exit_code);
  AddServe(app, exit_code);
  engine::AddDemoCommand(app, exit_code);
  AddKeygen(app, exit_code);
  AddFederation(app, exit_code);
  AddUser(app, exit_code);
  AddGenerate(app, exit_code);
  AddInit(app, exit_code);
  AddDoctor(app, exit_code);
  AddBench(app, exit_code);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? kDone : kUsage;
  }
  return exit_code;
}

}  // namespace
}  // namespace care::bin

int main(int argc, char** argv) {
  care::bin::KeepFreedMemory();
  try {
    return care::bin::Run(argc, argv);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "care: %s\n", error.what());
    return care::bin::kFailed;
  }
}
