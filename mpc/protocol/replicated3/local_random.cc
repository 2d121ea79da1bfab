#include "mpc/protocol/replicated3/local_random.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/rand.h>

#include <algorithm>
#include <cstring>

#include "engine/types/check.h"

namespace care::mpc {

void LocalRandom::FreeContext::operator()(evp_cipher_ctx_st* context) const { EVP_CIPHER_CTX_free(context); }

LocalRandom::LocalRandom() : context_(EVP_CIPHER_CTX_new()) {
  std::uint8_t key[32];
  static constexpr std::uint8_t kStart[16] = {};
  CARE_CHECK(context_ != nullptr && RAND_priv_bytes(key, sizeof key) == 1);
  CARE_CHECK(EVP_EncryptInit_ex(context_.get(), EVP_aes_256_ctr(), nullptr, key, kStart) == 1);
  OPENSSL_cleanse(key, sizeof key);
}

LocalRandom::~LocalRandom() = default;  // EVP_CIPHER_CTX_free erases the key schedule

void LocalRandom::Fill(std::span<std::uint8_t> out) {
  constexpr std::size_t kPiece = std::size_t{1} << 30;  // OpenSSL counts in int
  for (std::size_t done = 0; done < out.size(); done += kPiece) {
    const std::size_t count = std::min(kPiece, out.size() - done);
    std::uint8_t* piece = out.data() + done;
    std::memset(piece, 0, count);
    int written = 0;
    CARE_CHECK(EVP_EncryptUpdate(context_.get(), piece, &written, piece, static_cast<int>(count)) == 1);
    CARE_CHECK(static_cast<std::size_t>(written) == count);
  }
}

}  // namespace care::mpc
