#include "engine/frontend/shell/make_keys.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>

#include "absl/strings/str_cat.h"
#include "engine/session/node.h"
#include "engine/types/status_macros.h"
#include "mpc/net/certificate_authority.h"

namespace care::engine {
namespace {

constexpr mode_t kPublic = 0644;
constexpr mode_t kPrivate = 0600;

class KeyDirectory {
 public:
  KeyDirectory(std::filesystem::path path, bool replace) : path_(std::move(path)), replace_(replace) {}

  absl::Status Write(const std::string& name, const std::string& text, mode_t mode) const {
    const std::string file = (path_ / name).string();
    if (replace_) unlink(file.c_str());
    const int handle = open(file.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);
    if (handle < 0) {
      if (errno == EEXIST) {
        return absl::AlreadyExistsError(absl::StrCat(file, " exists; --replace makes new keys in its place"));
      }
      return absl::UnavailableError(absl::StrCat("cannot write ", file, ": ", std::strerror(errno)));
    }
    std::size_t done = 0;
    while (done < text.size()) {
      const ssize_t count = write(handle, text.data() + done, text.size() - done);
      if (count <= 0) break;
      done += static_cast<std::size_t>(count);
    }
    const bool closed = close(handle) == 0;
    if (done < text.size() || !closed) {
      return absl::ResourceExhaustedError(absl::StrCat("cannot write ", file, ": ", std::strerror(errno)));
    }
    return absl::OkStatus();
  }

  absl::Status WritePair(const std::string& name, const std::string& certificate, const std::string& key) const {
    CARE_RETURN_IF_ERROR(Write(name + ".key", key, kPrivate));
    return Write(name + ".pem", certificate, kPublic);
  }

 private:
  const std::filesystem::path path_;
  const bool replace_;
};

bool IsPartyName(const std::string& name) {
  return !name.empty() && name.size() <= 40 &&
         name.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-") ==
             std::string::npos;
}

}  // namespace

absl::StatusOr<std::string> MakeKeys(const KeyOptions& options) {
  if (options.parties.empty()) return absl::InvalidArgumentError("--parties names nobody");
  for (const std::string& party : options.parties) {
    if (!IsPartyName(party)) {
      return absl::InvalidArgumentError(absl::StrCat("\"", party, "\" is not a party's name: letters, digits, - and _"));
    }
  }
  std::error_code error;
  std::filesystem::create_directories(options.directory, error);
  if (error) return absl::UnavailableError(absl::StrCat("cannot make ", options.directory, ": ", error.message()));
  const KeyDirectory directory(options.directory, options.replace);
  CARE_ASSIGN_OR_RETURN(const auto authority, mpc::CertificateAuthority::Create(options.name, options.days));
  CARE_RETURN_IF_ERROR(
      directory.WritePair("authority", authority.certificate_pem(), authority.private_key_pem()));
  for (const std::string& party : options.parties) {
    CARE_ASSIGN_OR_RETURN(const mpc::CertifiedKey node, authority.Issue(party, options.days));
    CARE_RETURN_IF_ERROR(directory.WritePair(party, node.certificate_pem, node.private_key_pem));
    CARE_ASSIGN_OR_RETURN(const mpc::CertifiedKey analyst, authority.Issue(AnalystName(party), options.days));
    CARE_RETURN_IF_ERROR(
        directory.WritePair(absl::StrCat("analyst.", party), analyst.certificate_pem, analyst.private_key_pem));
  }
  return authority.fingerprint();
}

}  // namespace care::engine
