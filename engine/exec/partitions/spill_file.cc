#include "engine/exec/partitions/spill_file.h"

#include <fcntl.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "engine/types/check.h"
#include "engine/types/status_macros.h"
#include "mpc/random/key_derivation.h"

namespace care::engine {
namespace {

constexpr std::size_t kRecordBytes = std::size_t{1} << 20;
constexpr std::size_t kTagBytes = 16;
constexpr std::size_t kNonceBytes = 12;

struct FreeContext {
  void operator()(EVP_CIPHER_CTX* context) const { EVP_CIPHER_CTX_free(context); }
};
using CipherContext = std::unique_ptr<EVP_CIPHER_CTX, FreeContext>;

std::array<std::uint8_t, kNonceBytes> NonceOf(std::uint64_t record) {
  std::array<std::uint8_t, kNonceBytes> nonce{};
  std::memcpy(nonce.data(), &record, sizeof(record));
  return nonce;
}

std::string Folder() {
  const char* chosen = std::getenv("TMPDIR");
  return chosen != nullptr && *chosen != '\0' ? chosen : "/var/tmp";
}

// A file without a name; where the file system has none, one whose name goes at once.
int OpenUnnamed(const std::string& folder) {
  const int unnamed = open(folder.c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC | O_EXCL, 0600);
  if (unnamed >= 0 || (errno != EOPNOTSUPP && errno != EISDIR && errno != ENOENT)) return unnamed;
  std::string name = absl::StrCat(folder, "/care-XXXXXX");
  const int named = mkostemp(name.data(), O_CLOEXEC);
  if (named >= 0) unlink(name.c_str());
  return named;
}

}  // namespace

absl::StatusOr<std::unique_ptr<SpillFile>> SpillFile::Create() {
  const std::string folder = Folder();
  const int descriptor = OpenUnnamed(folder);
  if (descriptor < 0) {
    return absl::UnavailableError(absl::StrCat("rows have to wait on disk, and no file can be made in ", folder, ": ", std::strerror(errno),
                                               "; set TMPDIR to a folder with room"));
  }
  std::unique_ptr<SpillFile> file(new SpillFile(descriptor, folder));
  CARE_RETURN_IF_ERROR(mpc::RandomBytes(file->key_));
  return file;
}

SpillFile::~SpillFile() {
  OPENSSL_cleanse(key_.data(), key_.size());
  close(descriptor_);
}

absl::StatusOr<SpillRange> SpillFile::Write(std::span<const std::uint8_t> plaintext) {
  const SpillRange range{.first_record = records_, .offset = size_, .bytes = plaintext.size()};
  CipherContext context(EVP_CIPHER_CTX_new());
  CARE_CHECK(context != nullptr);
  std::vector<std::uint8_t> record;
  while (!plaintext.empty()) {
    const std::size_t count = std::min(plaintext.size(), kRecordBytes);
    record.resize(count + kTagBytes);
    const auto nonce = NonceOf(records_++);
    int written = 0, rest = 0;
    CARE_CHECK(EVP_EncryptInit_ex(context.get(), EVP_aes_256_gcm(), nullptr, key_.data(), nonce.data()) == 1);
    CARE_CHECK(EVP_EncryptUpdate(context.get(), record.data(), &written, plaintext.data(), static_cast<int>(count)) == 1);
    CARE_CHECK(EVP_EncryptFinal_ex(context.get(), record.data() + written, &rest) == 1);
    CARE_CHECK(static_cast<std::size_t>(written + rest) == count);
    CARE_CHECK(EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_GCM_GET_TAG, kTagBytes, record.data() + count) == 1);
    for (std::size_t done = 0; done < record.size();) {
      const ssize_t put = pwrite(descriptor_, record.data() + done, record.size() - done, static_cast<off_t>(size_ + done));
      if (put < 0 && errno == EINTR) continue;
      if (put <= 0) {
        return absl::ResourceExhaustedError(absl::StrCat("rows have to wait on disk, and ", folder_, " takes no more: ", std::strerror(errno),
                                                         "; make room, or set TMPDIR to a folder with room"));
      }
      done += static_cast<std::size_t>(put);
    }
    size_ += record.size();
    plaintext = plaintext.subspan(count);
  }
  return range;
}

absl::StatusOr<std::vector<std::uint8_t>> SpillFile::Read(const SpillRange& range) const {
  const absl::Status lost = absl::DataLossError(absl::StrCat("what waited on disk in ", folder_, " is not what was written there"));
  CipherContext context(EVP_CIPHER_CTX_new());
  CARE_CHECK(context != nullptr);
  std::vector<std::uint8_t> plaintext(range.bytes), record;
  std::uint64_t number = range.first_record, offset = range.offset;
  for (std::size_t done = 0; done < plaintext.size();) {
    const std::size_t count = std::min(plaintext.size() - done, kRecordBytes);
    record.resize(count + kTagBytes);
    for (std::size_t read = 0; read < record.size();) {
      const ssize_t got = pread(descriptor_, record.data() + read, record.size() - read, static_cast<off_t>(offset + read));
      if (got < 0 && errno == EINTR) continue;
      if (got <= 0) return lost;
      read += static_cast<std::size_t>(got);
    }
    const auto nonce = NonceOf(number++);
    int written = 0, rest = 0;
    CARE_CHECK(EVP_DecryptInit_ex(context.get(), EVP_aes_256_gcm(), nullptr, key_.data(), nonce.data()) == 1);
    CARE_CHECK(EVP_DecryptUpdate(context.get(), plaintext.data() + done, &written, record.data(), static_cast<int>(count)) == 1);
    CARE_CHECK(EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_GCM_SET_TAG, kTagBytes, record.data() + count) == 1);
    if (EVP_DecryptFinal_ex(context.get(), plaintext.data() + done + written, &rest) != 1) return lost;
    done += count;
    offset += record.size();
  }
  return plaintext;
}

}  // namespace care::engine
