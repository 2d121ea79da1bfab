#include "engine/frontend/demo/keys.h"

#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include <filesystem>
#include <memory>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "engine/frontend/demo/federation_directory.h"
#include "engine/frontend/reference/child_process.h"
#include "engine/types/status_macros.h"

namespace care::engine {
namespace {

constexpr int kSecondsOfADay = 86'400;

using Certificate = std::unique_ptr<X509, decltype(&X509_free)>;

Certificate ReadCertificate(const std::string& path) {
  const std::string pem = ReadTextFile(path);
  const std::unique_ptr<BIO, decltype(&BIO_free)> bio(
      BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())), BIO_free);
  return {bio ? PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr) : nullptr, X509_free};
}

bool LastsADay(const Certificate& certificate) {
  if (!certificate) return false;
  std::time_t tomorrow = std::time(nullptr) + kSecondsOfADay;
  return X509_cmp_time(X509_get0_notAfter(certificate.get()), &tomorrow) > 0;
}

bool AllLastADay(const std::string& directory) {
  bool all = LastsADay(ReadCertificate(directory + "/authority.pem"));
  for (const std::string party : kDemoParties) {
    all = all && LastsADay(ReadCertificate(absl::StrCat(directory, "/", party, ".pem"))) &&
          std::filesystem::exists(absl::StrCat(directory, "/", party, ".key"));
  }
  return all;
}

void RemoveKeys(const std::string& directory) {
  std::error_code ignored;
  for (const auto& entry : std::filesystem::directory_iterator(directory, ignored)) {
    const std::string extension = entry.path().extension();
    if (extension == ".pem" || extension == ".key") std::filesystem::remove(entry.path(), ignored);
  }
}

}  // namespace

absl::StatusOr<std::string> EnsureKeys(const std::string& program, const std::string& directory) {
  if (!AllLastADay(directory)) {
    RemoveKeys(directory);
    CARE_ASSIGN_OR_RETURN(const CommandResult made,
                          RunCommand({program, "keygen", "--federation-directory", directory, "--parties",
                                      absl::StrJoin(kDemoParties, ",")}));
    if (made.exit_code != 0) return absl::InternalError(absl::StrCat("care keygen failed: ", made.error));
  }
  const Certificate authority = ReadCertificate(directory + "/authority.pem");
  unsigned char digest[EVP_MAX_MD_SIZE];
  unsigned size = 0;
  if (!authority || X509_digest(authority.get(), EVP_sha256(), digest, &size) != 1) {
    return absl::InternalError(absl::StrCat("there is no certificate in ", directory, "/authority.pem"));
  }
  std::string fingerprint;
  for (unsigned at = 0; at < size; ++at)
    absl::StrAppend(&fingerprint, absl::Hex(digest[at], absl::kZeroPad2));
  return fingerprint;
}

}  // namespace care::engine
