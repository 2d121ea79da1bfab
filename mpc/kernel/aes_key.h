// mpc/kernel/aes_key.h
//
// An AES-128 key ready for use by the kernels of one level: expanded once, so that a message of a few words
// costs a few blocks and no set-up. Erased on destruction. A key belongs to one thread.
#pragma once

#include <cstdint>
#include <memory>
#include <span>

#include "mpc/kernel/kernels.h"

namespace care::mpc {

class AesKey {
 public:
  static constexpr std::size_t kBytes = 16;

  explicit AesKey(std::span<const std::uint8_t, kBytes> key, const Kernels& kernels = BestKernels());
  AesKey(AesKey&& other) noexcept;
  AesKey& operator=(AesKey&& other) noexcept;
  ~AesKey();

  const Kernels& kernels() const { return *kernels_; }
  const AesSchedule& schedule() const { return schedule_; }

 private:
  struct FreeContext {
    void operator()(evp_cipher_ctx_st* context) const;
  };
  const Kernels* kernels_;
  AesSchedule schedule_;
  std::unique_ptr<evp_cipher_ctx_st, FreeContext> context_;
};

}  // namespace care::mpc
