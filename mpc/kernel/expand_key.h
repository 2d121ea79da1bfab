// mpc/kernel/expand_key.h
//
// AES-128's key schedule by AESKEYGENASSIST. Included only by the levels that have AES instructions, each of
// which gets a copy of its own (kernels.h says why).
#pragma once

#include <immintrin.h>

#include <cstdint>

namespace care::mpc {
namespace {

template <int kRound>
inline __m128i NextRoundKey(__m128i key) {
  const __m128i word = _mm_shuffle_epi32(_mm_aeskeygenassist_si128(key, kRound), 0xff);
  key = _mm_xor_si128(key, _mm_slli_si128(key, 4));
  key = _mm_xor_si128(key, _mm_slli_si128(key, 8));
  return _mm_xor_si128(key, word);
}

inline void ExpandKey(const std::uint8_t key[16], std::uint8_t round_keys[176]) {
  __m128i* out = reinterpret_cast<__m128i*>(round_keys);
  __m128i k = _mm_loadu_si128(reinterpret_cast<const __m128i*>(key));
  _mm_storeu_si128(out + 0, k);
  _mm_storeu_si128(out + 1, k = NextRoundKey<0x01>(k));
  _mm_storeu_si128(out + 2, k = NextRoundKey<0x02>(k));
  _mm_storeu_si128(out + 3, k = NextRoundKey<0x04>(k));
  _mm_storeu_si128(out + 4, k = NextRoundKey<0x08>(k));
  _mm_storeu_si128(out + 5, k = NextRoundKey<0x10>(k));
  _mm_storeu_si128(out + 6, k = NextRoundKey<0x20>(k));
  _mm_storeu_si128(out + 7, k = NextRoundKey<0x40>(k));
  _mm_storeu_si128(out + 8, k = NextRoundKey<0x80>(k));
  _mm_storeu_si128(out + 9, k = NextRoundKey<0x1b>(k));
  _mm_storeu_si128(out + 10, NextRoundKey<0x36>(k));
}

}  // namespace
}  // namespace care::mpc
