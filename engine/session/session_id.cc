#include "engine/session/session_id.h"

#include <openssl/rand.h>

#include <array>

#include "absl/strings/escaping.h"

namespace care::engine {

absl::StatusOr<std::string> NewSessionId() {
  std::array<unsigned char, 16> bytes;
  if (RAND_bytes(bytes.data(), bytes.size()) != 1) {
    return absl::InternalError("the operating system gave no random bytes");
  }
  return absl::BytesToHexString(std::string(reinterpret_cast<char*>(bytes.data()), bytes.size()));
}

bool IsSessionId(const std::string& text) {
  return text.size() == 32 && text.find_first_not_of("0123456789abcdef") == std::string::npos;
}

}  // namespace care::engine
