#include "mpc/protocol/replicated3/block_cipher.h"

#include <openssl/evp.h>

#include <algorithm>

#include "engine/types/check.h"

namespace care::mpc {

void BlockCipher::FreeContext::operator()(evp_cipher_ctx_st* context) const { EVP_CIPHER_CTX_free(context); }

BlockCipher::BlockCipher(std::span<const std::uint8_t, 16> key) : context_(EVP_CIPHER_CTX_new()) {
  CARE_CHECK(context_ != nullptr);
  CARE_CHECK(EVP_EncryptInit_ex(context_.get(), EVP_aes_128_ecb(), nullptr, key.data(), nullptr) == 1);
  EVP_CIPHER_CTX_set_padding(context_.get(), 0);
}

BlockCipher::~BlockCipher() = default;  // EVP_CIPHER_CTX_free erases the key schedule

void BlockCipher::Encrypt(const std::uint8_t* in, std::uint8_t* out, std::size_t blocks) {
  constexpr std::size_t kMost = std::size_t{1} << 26;  // OpenSSL counts in int
  while (blocks > 0) {
    const std::size_t count = std::min(blocks, kMost);
    const std::size_t bytes = count * kBlockBytes;
    int written = 0;
    CARE_CHECK(EVP_EncryptUpdate(context_.get(), out, &written, in, static_cast<int>(bytes)) == 1);
    CARE_CHECK(static_cast<std::size_t>(written) == bytes);
    in += bytes;
    out += bytes;
    blocks -= count;
  }
}

}  // namespace care::mpc
