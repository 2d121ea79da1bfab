// `care init`: a new party's files.

#include <cstdio>
#include <memory>

#include "engine/bin/commands.h"
#include "engine/frontend/init/init.h"

namespace care::bin {

void AddInit(CLI::App& app, int& exit_code) {
  auto options = std::make_shared<engine::InitOptions>();
  CLI::App* command =
      app.add_subcommand("init", "Write a federation file and a node file with every key explained");
  command->add_option("--directory", options->directory, "Where the files go")->capture_default_str();
  command->add_option("--party", options->party, "Whose node file")->required();
  command
      ->add_option("--parties", options->parties,
                   "All parties, with commas between them; the first three compute. Those of the directory's "
                   "federation.toml if it has one, else hospital,insurer,bureau")
      ->delimiter(',');
  command->add_option("--federation", options->federation_name, "The federation's name")
      ->capture_default_str();
  command->add_option("--database", options->database_kind, "postgresql, sqlite or csv")
      ->check(CLI::IsMember({"postgresql", "sqlite", "csv"}))
      ->capture_default_str();
  command->add_option("--inspect", options->inspect,
                      "Propose tables from this database: postgresql://USER@HOST/DATABASE, or sqlite:PATH");
  command
      ->add_option("--password-file", options->password_file, "Its first line is the password for --inspect")
      ->check(CLI::ExistingFile);
  command->add_flag("--replace", options->replace, "Replace files that exist; with --inspect the drafts alone");
  command->footer(
      "Example: care init --directory trial --party hospital --parties hospital,insurer,bureau\n"
      "A federation file that is there is kept, a node file that is there is an error, unless --replace is "
      "given.\n"
      "With --inspect --replace makes new drafts and keeps both files.\n"
      "--inspect writes two drafts beside them, PARTY.federation.draft.toml and PARTY.tables.draft.toml, for "
      "you alone:\n"
      "read every line before anything of it becomes public. It reads the database and changes nothing in "
      "it.");
  command->callback([options, &exit_code] {
    const absl::StatusOr<std::vector<std::string>> done = engine::WriteInitialFiles(*options);
    if (!done.ok()) {
      PrintError(done.status());
      exit_code = done.status().code() == absl::StatusCode::kInvalidArgument ? kUsage : kFailed;
      return;
    }
    for (const std::string& line : *done) std::printf("%s\n", line.c_str());
  });
}

}  // namespace care::bin
