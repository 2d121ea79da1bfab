// mpc/random/key_derivation.h
//
// From what two parties exchange to the keys that they share. Each pair draws 32 random bytes a side, sends
// them over its own channel (TLS; never through the third party), and derives a seed bound to the session
// and to the plan, so that no two queries share a mask. Every use of the seed takes its own key by label: a
// key of the PRG is never also a key of the join. HKDF with SHA-256 throughout; everything is erased when
// it goes out of scope.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string_view>

#include "absl/status/status.h"

namespace care::mpc {

// 32 secret bytes, erased on destruction.
class Seed {
 public:
  static constexpr std::size_t kBytes = 32;
  Seed() = default;
  Seed(const Seed&) = default;
  Seed& operator=(const Seed&) = default;
  ~Seed();

  std::span<std::uint8_t, kBytes> bytes() { return bytes_; }
  std::span<const std::uint8_t, kBytes> bytes() const { return bytes_; }
  // The first half, for AES-128.
  std::span<const std::uint8_t, 16> aes_key() const { return bytes().first<16>(); }

 private:
  std::array<std::uint8_t, kBytes> bytes_{};
};

// Random bytes of the operating system. Internal if OpenSSL has no entropy.
absl::Status RandomBytes(std::span<std::uint8_t> out);

// The seed of the pair (i, j), i < j, from the bytes that i and j drew:
// HKDF(r_i | r_j, salt = session id, info = "care/prg" | i | j | plan digest).
Seed DeriveSeed(const Seed& drawn_by_i, const Seed& drawn_by_j, std::string_view session_id, std::uint8_t i,
                std::uint8_t j, std::string_view plan_digest);

// A key for one purpose, e.g. label "okvs-q" and as context the join's instance. Label and context are
// length-prefixed, so that no two pairs of them collide.
Seed DeriveKey(const Seed& seed, std::string_view label, std::string_view context = {});

}  // namespace care::mpc
