// `care user`: analysts who log in with a password, for clients of PostgreSQL's protocol.

#include <termios.h>
#include <unistd.h>

#include <cstdio>
#include <filesystem>
#include <iostream>
#include <memory>

#include "absl/strings/str_cat.h"
#include "engine/bin/commands.h"
#include "engine/frontend/pgwire/users_file.h"
#include "engine/types/status_macros.h"
#include "planner/catalog/node_config.h"

namespace care::bin {
namespace {

using engine::pgwire::Users;

struct UserSettings {
  std::string name;
  std::string node_path;
};

absl::StatusOr<std::string> UsersPath(const std::string& node_path) {
  CARE_ASSIGN_OR_RETURN(const planner::NodeConfig config, planner::LoadNodeConfig(node_path));
  if (!config.sql.has_value()) {
    return absl::FailedPreconditionError(
        absl::StrCat("the node file ", node_path,
                     " has no section [sql]; write\n  [sql]\n  listen = \"127.0.0.1:5439\"\n"
                     "  users = \"users.toml\""));
  }
  const std::string& path = config.sql->users_path;
  if (path.starts_with("${")) {
    return absl::FailedPreconditionError(absl::StrCat(
        "the node file names ", path, ", a copy that systemd makes for the node; say where the file is that it copies, "
        "for example CREDENTIALS_DIRECTORY=", std::filesystem::absolute(node_path).parent_path().string(),
        " care user ..., and restart the node afterwards"));
  }
  return path;
}

absl::StatusOr<Users> LoadOrEmpty(const std::string& path) {
  absl::StatusOr<Users> users = engine::pgwire::LoadUsers(path);
  if (users.status().code() == absl::StatusCode::kNotFound && access(path.c_str(), F_OK) != 0) return Users();
  return users;
}

// Turns the terminal's echo off while it lives.
class NoEcho {
 public:
  NoEcho() {
    known_ = tcgetattr(STDIN_FILENO, &before_) == 0;
    if (!known_) return;
    termios silent = before_;
    silent.c_lflag &= ~static_cast<tcflag_t>(ECHO);
    tcsetattr(STDIN_FILENO, TCSAFLUSH, &silent);
  }
  ~NoEcho() {
    if (known_) tcsetattr(STDIN_FILENO, TCSAFLUSH, &before_);
  }

 private:
  termios before_ = {};
  bool known_ = false;
};

absl::StatusOr<std::string> ReadLine(const char* prompt, bool ask) {
  if (ask) std::fputs(prompt, stderr);
  std::string line;
  const bool read = static_cast<bool>(std::getline(std::cin, line));
  if (ask) std::fputs("\n", stderr);
  if (!read) return absl::InvalidArgumentError("no password was given on standard input");
  if (!line.empty() && line.back() == '\r') line.pop_back();
  return line;
}

absl::StatusOr<std::string> ReadPassword() {
  const bool terminal = isatty(STDIN_FILENO) != 0;
  std::unique_ptr<NoEcho> silent;
  if (terminal) silent = std::make_unique<NoEcho>();
  CARE_ASSIGN_OR_RETURN(const std::string password, ReadLine("Password: ", terminal));
  if (terminal) {
    CARE_ASSIGN_OR_RETURN(const std::string again, ReadLine("Again: ", terminal));
    if (again != password) return absl::InvalidArgumentError("the two are not the same");
  }
  return password;
}

absl::Status AddOne(const UserSettings& settings) {
  CARE_RETURN_IF_ERROR(engine::pgwire::CheckUserName(settings.name));
  CARE_ASSIGN_OR_RETURN(const std::string path, UsersPath(settings.node_path));
  CARE_ASSIGN_OR_RETURN(Users users, LoadOrEmpty(path));
  CARE_ASSIGN_OR_RETURN(const std::string password, ReadPassword());
  const bool known = users.contains(settings.name);
  CARE_ASSIGN_OR_RETURN(users[settings.name], engine::pgwire::MakeVerifier(password));
  CARE_RETURN_IF_ERROR(engine::pgwire::SaveUsers(path, users));
  std::printf("%s %s in %s\n", settings.name.c_str(), known ? "has a new password" : "was added",
              path.c_str());
  return absl::OkStatus();
}

absl::Status RemoveOne(const UserSettings& settings) {
  CARE_ASSIGN_OR_RETURN(const std::string path, UsersPath(settings.node_path));
  CARE_ASSIGN_OR_RETURN(Users users, engine::pgwire::LoadUsers(path));
  if (users.erase(settings.name) == 0) {
    return absl::NotFoundError(absl::StrCat("there is no user \"", settings.name, "\" in ", path));
  }
  CARE_RETURN_IF_ERROR(engine::pgwire::SaveUsers(path, users));
  std::printf("%s was removed from %s\n", settings.name.c_str(), path.c_str());
  return absl::OkStatus();
}

absl::Status ListAll(const UserSettings& settings) {
  CARE_ASSIGN_OR_RETURN(const std::string path, UsersPath(settings.node_path));
  CARE_ASSIGN_OR_RETURN(const Users users, LoadOrEmpty(path));
  for (const auto& [name, verifier] : users) std::printf("%s\n", name.c_str());
  return absl::OkStatus();
}

}  // namespace

void AddUser(CLI::App& app, int& exit_code) {
  CLI::App* command = app.add_subcommand("user", "Analysts who log in with a password (psql, ODBC, JDBC)");
  command->require_subcommand(1);
  auto settings = std::make_shared<UserSettings>();
  const auto add = [&](const char* name, const char* help, bool names_one,
                       absl::Status (*run)(const UserSettings&)) {
    CLI::App* sub = command->add_subcommand(name, help);
    if (names_one) sub->add_option("NAME", settings->name, "The user's name")->required();
    sub->add_option("--node", settings->node_path, "Your organisation's node file")
        ->required()
        ->check(CLI::ExistingFile);
    sub->callback([settings, run, &exit_code] {
      const absl::Status status = run(*settings);
      if (status.ok()) return;
      PrintError(status);
      exit_code = status.code() == absl::StatusCode::kInvalidArgument ? kUsage : kFailed;
    });
  };
  add("add", "Add a user or give one a new password, which is read from standard input", true, &AddOne);
  add("remove", "Remove a user", true, &RemoveOne);
  add("list", "List the users' names", false, &ListAll);
  command->footer(
      "Example: care user add anna --node hospital.toml\n"
      "The users file holds verifiers, not passwords. A node that runs needs no restart; sessions that are "
      "open go on.");
}

}  // namespace care::bin
