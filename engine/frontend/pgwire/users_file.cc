#include "engine/frontend/pgwire/users_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <iterator>

#include "absl/strings/str_cat.h"
#include "engine/types/status_macros.h"
#include "planner/catalog/toml_entry.h"

namespace care::engine::pgwire {
namespace {

constexpr mode_t kPrivate = 0600;
constexpr mode_t kOthers = 0077;

absl::Status WriteAll(int handle, const std::string& text) {
  std::size_t done = 0;
  while (done < text.size()) {
    const ssize_t count = write(handle, text.data() + done, text.size() - done);
    if (count <= 0) return absl::UnavailableError(std::strerror(errno));
    done += static_cast<std::size_t>(count);
  }
  if (fsync(handle) != 0) return absl::UnavailableError(std::strerror(errno));
  return absl::OkStatus();
}

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
  std::ifstream stream(path, std::ios::binary);
  const std::string text((std::istreambuf_iterator<char>(stream)), std::istreambuf_iterator<char>());
  if (!stream) return absl::NotFoundError(absl::StrCat("cannot read the users file ", path));
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
  const std::string draft = path + ".new";
  unlink(draft.c_str());
  const auto failed = [&](const char* reason) {
    return absl::UnavailableError(absl::StrCat("cannot write ", path, ": ", reason));
  };
  const int handle = open(draft.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, kPrivate);
  if (handle < 0) return failed(std::strerror(errno));
  const absl::Status written = WriteAll(handle, text);
  const bool closed = close(handle) == 0;
  if (!written.ok() || !closed || std::rename(draft.c_str(), path.c_str()) != 0) {
    const std::string reason(written.ok() ? std::strerror(errno) : std::string(written.message()));
    unlink(draft.c_str());
    return failed(reason.c_str());
  }
  return absl::OkStatus();
}

}  // namespace care::engine::pgwire
