// mpc/protocol/replicated3/local_random.h
//
// Randomness that no other party can know: AES-256 in counter mode under a fresh key of the operating
// system's.
#pragma once

#include <cstdint>
#include <memory>
#include <span>

struct evp_cipher_ctx_st;  // OpenSSL's EVP_CIPHER_CTX

namespace care::mpc {

class LocalRandom {
 public:
  LocalRandom();
  ~LocalRandom();
  LocalRandom(const LocalRandom&) = delete;
  LocalRandom& operator=(const LocalRandom&) = delete;

  void Fill(std::span<std::uint8_t> out);
  void FillWords(std::span<std::uint64_t> out) {
    Fill({reinterpret_cast<std::uint8_t*>(out.data()), out.size_bytes()});
  }

 private:
  struct FreeContext {
    void operator()(evp_cipher_ctx_st* context) const;
  };
  std::unique_ptr<evp_cipher_ctx_st, FreeContext> context_;
};

}  // namespace care::mpc
