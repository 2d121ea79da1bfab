#include "engine/frontend/pgwire/mock_secret.h"

#include <sys/stat.h>

#include <cerrno>
#include <filesystem>

#include "absl/strings/str_cat.h"
#include "engine/frontend/pgwire/scram.h"
#include "engine/types/read_file.h"
#include "engine/types/status_macros.h"
#include "engine/types/write_file.h"

namespace care::engine::pgwire {
namespace {

constexpr std::size_t kSecretBytes = 32;
constexpr mode_t kOthers = 0077;

}  // namespace

absl::StatusOr<std::string> MockSecret(const std::string& data_directory) {
  const std::string path = (std::filesystem::path(data_directory) / "sql-secret").string();
  struct stat facts = {};
  if (stat(path.c_str(), &facts) != 0) {
    if (errno != ENOENT) return absl::UnavailableError(absl::StrCat("cannot read ", path));
    CARE_ASSIGN_OR_RETURN(std::string secret, RandomBytes(kSecretBytes));
    CARE_RETURN_IF_ERROR(ReplaceFile(path, secret, kPrivateFile));
    return secret;
  }
  if ((facts.st_mode & kOthers) != 0) {
    return absl::PermissionDeniedError(
        absl::StrCat("the secret of SQL logins ", path, " may be read by others; chmod 600 ", path));
  }
  CARE_ASSIGN_OR_RETURN(std::string secret, ReadFile(path, "the secret of SQL logins", kSecretBytes));
  if (secret.size() == kSecretBytes) return secret;
  return absl::InvalidArgumentError(absl::StrCat("the secret of SQL logins ", path, " has not ", kSecretBytes,
                                                 " bytes; remove it, and the node makes another"));
}

}  // namespace care::engine::pgwire
