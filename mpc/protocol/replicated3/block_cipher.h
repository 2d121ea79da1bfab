// mpc/protocol/replicated3/block_cipher.h
//
// AES-128 of many single blocks at once, as a pseudorandom function. Blocks go to OpenSSL by the thousand, so
// that it can keep several in flight in the processor.
#pragma once

#include <cstdint>
#include <memory>
#include <span>

struct evp_cipher_ctx_st;  // OpenSSL's EVP_CIPHER_CTX

namespace care::mpc {

class BlockCipher {
 public:
  static constexpr std::size_t kBlockBytes = 16;

  explicit BlockCipher(std::span<const std::uint8_t, 16> key);
  ~BlockCipher();
  BlockCipher(const BlockCipher&) = delete;
  BlockCipher& operator=(const BlockCipher&) = delete;

  // Whole blocks; `out` may be `in` itself.
  void Encrypt(const std::uint8_t* in, std::uint8_t* out, std::size_t blocks);

 private:
  struct FreeContext {
    void operator()(evp_cipher_ctx_st* context) const;
  };
  std::unique_ptr<evp_cipher_ctx_st, FreeContext> context_;
};

}  // namespace care::mpc
