#include "mpc/kernel/aes_key.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>

#include <utility>

#include "engine/types/check.h"

namespace care::mpc {

void AesKey::FreeContext::operator()(evp_cipher_ctx_st* context) const { EVP_CIPHER_CTX_free(context); }

AesKey::AesKey(std::span<const std::uint8_t, kBytes> key, const Kernels& kernels) : kernels_(&kernels) {
  if (kernels.expand_key != nullptr) {
    kernels.expand_key(key.data(), schedule_.round_keys);
    return;
  }
  context_.reset(EVP_CIPHER_CTX_new());
  CARE_CHECK(context_ != nullptr);
  CARE_CHECK(EVP_EncryptInit_ex(context_.get(), EVP_aes_128_ctr(), nullptr, key.data(), nullptr) == 1);
  schedule_.context = context_.get();
}

AesKey::AesKey(AesKey&& other) noexcept
    : kernels_(other.kernels_), schedule_(other.schedule_), context_(std::move(other.context_)) {
  OPENSSL_cleanse(&other.schedule_, sizeof other.schedule_);
}

AesKey& AesKey::operator=(AesKey&& other) noexcept {
  if (this == &other) return *this;
  kernels_ = other.kernels_;
  schedule_ = other.schedule_;
  context_ = std::move(other.context_);
  OPENSSL_cleanse(&other.schedule_, sizeof other.schedule_);
  return *this;
}

// EVP_CIPHER_CTX_free erases its own key schedule.
AesKey::~AesKey() { OPENSSL_cleanse(&schedule_, sizeof schedule_); }

}  // namespace care::mpc
