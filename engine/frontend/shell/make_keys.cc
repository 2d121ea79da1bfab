#include "engine/frontend/shell/make_keys.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>

#include "absl/strings/str_cat.h"
#include "engine/session/node.h"
#include "engine/types/read_file.h"
#include "engine/types/status_macros.h"
#include "engine/types/write_file.h"
#include "mpc/net/certificate_authority.h"
#include "mpc/net/certificate_facts.h"

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

absl::StatusOr<std::string> ReadText(const std::string& path) {
  CARE_ASSIGN_OR_RETURN(std::string text, ReadFile(path, "the file"));
  if (text.empty()) return absl::NotFoundError(absl::StrCat(path, " is empty"));
  return text;
}

}  // namespace

absl::StatusOr<std::string> MakeKeys(const KeyOptions& options) {
  if (options.parties.empty() && !options.authority_only) {
    return absl::InvalidArgumentError("--parties names nobody; --authority-only makes no keys but the authority's");
  }
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

absl::StatusOr<std::string> RenewKeys(const RenewOptions& options) {
  constexpr std::string_view kAnalyst = "analyst@";
  const bool is_analyst = options.name.starts_with(kAnalyst);
  const std::string party = is_analyst ? options.name.substr(kAnalyst.size()) : options.name;
  if (!IsPartyName(party)) {
    return absl::InvalidArgumentError(
        absl::StrCat("\"", options.name, "\" is neither a party's name nor analyst@ and a party's name"));
  }
  const std::filesystem::path directory(options.directory);
  const std::string base = (directory / (is_analyst ? absl::StrCat("analyst.", party) : party)).string();
  CARE_ASSIGN_OR_RETURN(const std::string authority_pem, ReadText((directory / "authority.pem").string()));
  CARE_ASSIGN_OR_RETURN(const std::string authority_key, ReadText((directory / "authority.key").string()));
  CARE_ASSIGN_OR_RETURN(const auto authority, mpc::CertificateAuthority::Load(authority_pem, authority_key));
  CARE_ASSIGN_OR_RETURN(const std::string old_pem, ReadText(base + ".pem"));
  const absl::StatusOr<std::string> old_key = ReadText(base + ".key");
  if (!old_key.ok()) {
    return absl::NotFoundError(absl::StrCat(
        old_key.status().message(), "; a party that made its own key renews with a new request: docs/federation-changes.md"));
  }
  // A certificate for a key that the party does not use would be of no use to it.
  if (options.same_key && !mpc::CheckKeyMatches(base + ".pem", base + ".key").ok()) {
    return absl::FailedPreconditionError(absl::StrCat(
        base, ".pem is not of the key ", base,
        ".key; a party that made its own key renews with a new request: docs/federation-changes.md"));
  }
  CARE_ASSIGN_OR_RETURN(const mpc::CertifiedKey renewed,
                        options.same_key ? authority.IssueFor(*old_key, options.name, options.days)
                                         : authority.Issue(options.name, options.days));
  CARE_RETURN_IF_ERROR(ReplaceFile(base + ".pem.before", old_pem, kPublicFile));
  if (!options.same_key) {
    CARE_RETURN_IF_ERROR(ReplaceFile(base + ".key.before", *old_key, kPrivateFile));
    CARE_RETURN_IF_ERROR(ReplaceFile(base + ".key", renewed.private_key_pem, kPrivateFile));
  }
  CARE_RETURN_IF_ERROR(ReplaceFile(base + ".pem", renewed.certificate_pem, kPublicFile));
  return absl::StrCat(base, ".pem is renewed for ", options.days, " days",
                      options.same_key ? ", for the key that was there" : ", with a new key",
                      "; what was there is kept as ", base, ".pem.before", options.same_key ? "" : " and .key.before",
                      "\n");
}

}  // namespace care::engine
