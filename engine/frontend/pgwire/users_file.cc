#include "engine/frontend/pgwire/users_file.h"

#include <sys/stat.h>

#include "absl/strings/str_cat.h"
#include "engine/types/read_file.h"
#include "engine/types/status_macros.h"
#include "engine/types/write_file.h"
#include "planner/catalog/toml_entry.h"

namespace care::engine::pgwire {
namespace {

constexpr mode_t kOthers = 0077;

}  // namespace

absl::Status CheckUserName(std::string_view name) {
  constexpr std::size_t kLongest = 63;  // PostgreSQL's names
  if (name.empty() || name.size() > kLongest ||
      name.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-._@") != std::string_view::npos) {
    return absl::InvalidArgumentError(
        absl::StrCat("a user's name is made of lower-case letters, digits, - . _ and @, at most ", kLongest,
                     " characters"));
  }
  return absl::OkStatus();
}

absl::StatusOr<Users> LoadUsers(const std::string& path) {
  struct stat facts = {};
  if (stat(path.c_str(), &facts) != 0) {
    return absl::NotFoundError(absl::StrCat("cannot read the users file ", path,
                                            "; `care user add NAME --node NODE.toml` makes it"));
  }
  if ((facts.st_mode & kOthers) != 0) {
    return absl::PermissionDeniedError(
        absl::StrCat("the users file ", path, " may be read by others; chmod 600 ", path));
  }
  CARE_ASSIGN_OR_RETURN(const std::string text, ReadFile(path, "the users file"));
  CARE_ASSIGN_OR_RETURN(const toml::table root, planner::ParseToml(text, path));
  planner::TomlEntry file(root, path, "");
  Users users;
  CARE_ASSIGN_OR_RETURN(const auto entries, file.Tables("user"));
  for (const toml::table* table : entries) {
    planner::TomlEntry entry = file.Child(*table, "user");
    CARE_ASSIGN_OR_RETURN(const std::string name, entry.Text("name"));
    if (const absl::Status valid = CheckUserName(name); !valid.ok())
      return entry.Error("name", std::string(valid.message()));
    CARE_ASSIGN_OR_RETURN(const std::string verifier_text, entry.Text("verifier"));
    const absl::StatusOr<ScramVerifier> verifier = ParseVerifier(verifier_text);
    if (!verifier.ok()) return entry.Error("verifier", std::string(verifier.status().message()));
    if (!users.emplace(name, *verifier).second) {
      return entry.Error("name", absl::StrCat("user \"", name, "\" is listed twice"));
    }
    CARE_RETURN_IF_ERROR(entry.Finish());
  }
  CARE_RETURN_IF_ERROR(file.Finish());
  return users;
}

absl::Status SaveUsers(const std::string& path, const Users& users) {
  std::string text = "# Analysts who connect with a password. Written by `care user`; holds no password.\n";
  for (const auto& [name, verifier] : users) {
    absl::StrAppend(&text, "\n[[user]]\nname = \"", name, "\"\nverifier = \"", FormatVerifier(verifier),
                    "\"\n");
  }
  return ReplaceFile(path, text, kPrivateFile);
}

}  // namespace care::engine::pgwire
