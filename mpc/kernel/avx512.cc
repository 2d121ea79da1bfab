// The level of AVX-512 with VAES, GFNI and VBMI. No standard library here: see kernels.h.

#if defined(__x86_64__)

#include <immintrin.h>

#include "mpc/kernel/expand_key.h"
#include "mpc/kernel/levels.h"

namespace care::mpc {
namespace {

// Registers of four blocks each. Eight of them hide the latency of an AES round.
constexpr unsigned kRegisters = 8;
constexpr unsigned kHalf = kRegisters / 2;

inline __m512i RoundKey(const std::uint8_t* round_keys, unsigned round) {
  return _mm512_broadcast_i32x4(_mm_loadu_si128(reinterpret_cast<const __m128i*>(round_keys) + round));
}

// Four blocks from `block` on, in the byte order of the cipher.
inline __m512i CounterBlocks(AesCounter counter, std::uint64_t block) {
  const __m512i reverse =
      _mm512_broadcast_i32x4(_mm_set_epi8(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15));
  const __m512i base = _mm512_broadcast_i32x4(
      _mm_set_epi64x(static_cast<long long>(counter.high), static_cast<long long>(counter.low + block)));
  const __m512i steps = _mm512_set_epi64(0, 3, 0, 2, 0, 1, 0, 0);
  return _mm512_shuffle_epi8(_mm512_add_epi64(base, steps), reverse);
}

inline void Rounds(const std::uint8_t* left, const std::uint8_t* right, __m512i (&state)[kRegisters]) {
#pragma GCC unroll 9
  for (unsigned round = 1; round < 10; ++round) {
    const __m512i k = RoundKey(left, round), l = RoundKey(right, round);
#pragma GCC unroll 4
    for (unsigned i = 0; i < kHalf; ++i) state[i] = _mm512_aesenc_epi128(state[i], k);
#pragma GCC unroll 4
    for (unsigned i = kHalf; i < kRegisters; ++i) state[i] = _mm512_aesenc_epi128(state[i], l);
  }
  const __m512i k = RoundKey(left, 10), l = RoundKey(right, 10);
#pragma GCC unroll 4
  for (unsigned i = 0; i < kHalf; ++i) state[i] = _mm512_aesenclast_epi128(state[i], k);
#pragma GCC unroll 4
  for (unsigned i = kHalf; i < kRegisters; ++i) state[i] = _mm512_aesenclast_epi128(state[i], l);
}

void KeyStream(const AesSchedule& key, AesCounter counter, std::uint8_t* out, std::size_t bytes) {
  const std::uint8_t* keys = key.round_keys;
  const __m512i first_key = RoundKey(keys, 0);
  __m512i state[kRegisters];
  for (std::uint64_t block = 0; bytes > 0; block += 4 * kRegisters) {
#pragma GCC unroll 8
    for (unsigned i = 0; i < kRegisters; ++i) {
      state[i] = _mm512_xor_si512(CounterBlocks(counter, block + 4 * i), first_key);
    }
    Rounds(keys, keys, state);
#pragma GCC unroll 8
    for (unsigned i = 0; i < kRegisters && bytes > 0; ++i, out += 64) {
      if (bytes >= 64) {
        _mm512_storeu_si512(out, state[i]);
        bytes -= 64;
      } else {
        _mm512_mask_storeu_epi8(out, (std::uint64_t{1} << bytes) - 1, state[i]);
        bytes = 0;
      }
    }
  }
}

struct And {
  static __m512i Words(const ShareProduct& p, std::size_t k, __mmask8 some, __m512i plus, __m512i minus) {
    const __m512i y0 = _mm512_maskz_loadu_epi64(some, p.y0 + k);
    const __m512i both = _mm512_xor_si512(y0, _mm512_maskz_loadu_epi64(some, p.y1 + k));
    const __m512i masks = _mm512_xor_si512(plus, minus);
    // 0x78 is a ^ (b & c).
    const __m512i first =
        _mm512_ternarylogic_epi64(masks, _mm512_maskz_loadu_epi64(some, p.x0 + k), both, 0x78);
    return _mm512_ternarylogic_epi64(first, _mm512_maskz_loadu_epi64(some, p.x1 + k), y0, 0x78);
  }
};
struct Multiply {
  static __m512i Words(const ShareProduct& p, std::size_t k, __mmask8 some, __m512i plus, __m512i minus) {
    const __m512i y0 = _mm512_maskz_loadu_epi64(some, p.y0 + k);
    const __m512i both = _mm512_add_epi64(y0, _mm512_maskz_loadu_epi64(some, p.y1 + k));
    const __m512i first = _mm512_mullo_epi64(_mm512_maskz_loadu_epi64(some, p.x0 + k), both);
    const __m512i second = _mm512_mullo_epi64(_mm512_maskz_loadu_epi64(some, p.x1 + k), y0);
    return _mm512_add_epi64(_mm512_add_epi64(first, second), _mm512_sub_epi64(plus, minus));
  }
};
struct Xor {
  static __m512i Words(const ShareProduct& p, std::size_t k, __mmask8 some, __m512i plus, __m512i minus) {
    // 0x96 is a ^ b ^ c.
    return _mm512_ternarylogic_epi64(_mm512_maskz_loadu_epi64(some, p.x0 + k), plus, minus, 0x96);
  }
};
struct Add {
  static __m512i Words(const ShareProduct& p, std::size_t k, __mmask8 some, __m512i plus, __m512i minus) {
    return _mm512_add_epi64(_mm512_maskz_loadu_epi64(some, p.x0 + k), _mm512_sub_epi64(plus, minus));
  }
};

template <typename Operation>
void Masked(const ShareProduct& p, const AesSchedule& next, const AesSchedule& previous, AesCounter counter) {
  constexpr std::size_t kWords = 8 * kHalf;
  const __m512i next_key = RoundKey(next.round_keys, 0);
  const __m512i previous_key = RoundKey(previous.round_keys, 0);
  __m512i state[kRegisters];
  for (std::size_t first = 0; first < p.words; first += kWords) {
#pragma GCC unroll 4
    for (unsigned i = 0; i < kHalf; ++i) {
      const __m512i blocks = CounterBlocks(counter, first / 2 + 4 * i);
      state[i] = _mm512_xor_si512(blocks, next_key);
      state[kHalf + i] = _mm512_xor_si512(blocks, previous_key);
    }
    Rounds(next.round_keys, previous.round_keys, state);
    if (p.words - first >= kWords) {
#pragma GCC unroll 4
      for (unsigned i = 0; i < kHalf; ++i) {
        const std::size_t k = first + 8 * i;
        _mm512_storeu_si512(p.out + k, Operation::Words(p, k, 0xff, state[i], state[kHalf + i]));
      }
    } else {
      std::size_t left = p.words - first;
      for (unsigned i = 0; i < kHalf && left > 0; ++i) {
        const std::size_t k = first + 8 * i;
        const std::size_t count = left < 8 ? left : 8;
        const __mmask8 some = static_cast<__mmask8>((1u << count) - 1);
        _mm512_mask_storeu_epi64(p.out + k, some, Operation::Words(p, k, some, state[i], state[kHalf + i]));
        left -= count;
      }
    }
  }
}

void BorrowMasked(const BorrowStep& s, const AesSchedule& next, const AesSchedule& previous, AesCounter counter) {
  constexpr std::size_t kWords = 8 * kHalf;
  const __m512i next_key = RoundKey(next.round_keys, 0);
  const __m512i previous_key = RoundKey(previous.round_keys, 0);
  const __m512i not0 = _mm512_set1_epi64(static_cast<long long>(s.not0));
  const __m512i not1 = _mm512_set1_epi64(static_cast<long long>(s.not1));
  const auto product = [&](std::size_t k, __mmask8 some, __m512i plus, __m512i minus) {
    const __m512i c0 = _mm512_xor_si512(_mm512_maskz_loadu_epi64(some, s.c0 + k),
                                        _mm512_maskz_loadu_epi64(some, s.product + k));
    const __m512i c1 = _mm512_xor_si512(_mm512_maskz_loadu_epi64(some, s.c1 + k),
                                        _mm512_maskz_loadu_epi64(some, s.received + k));
    _mm512_mask_storeu_epi64(s.c0 + k, some, c0);
    _mm512_mask_storeu_epi64(s.c1 + k, some, c1);
    // 0x96 is a ^ b ^ c, and 0x78 a ^ (b & c).
    const __m512i x0 = _mm512_ternarylogic_epi64(_mm512_maskz_loadu_epi64(some, s.a0 + k), not0, c0, 0x96);
    const __m512i x1 = _mm512_ternarylogic_epi64(_mm512_maskz_loadu_epi64(some, s.a1 + k), not1, c1, 0x96);
    const std::size_t b = std::size_t{8} * s.b_groups[k / 8];
    const __m512i y0 = _mm512_xor_si512(_mm512_maskz_loadu_epi64(some, s.b0 + b), c0);
    const __m512i both = _mm512_ternarylogic_epi64(_mm512_maskz_loadu_epi64(some, s.b1 + b), c1, y0, 0x96);
    const __m512i first = _mm512_ternarylogic_epi64(_mm512_xor_si512(plus, minus), x0, both, 0x78);
    _mm512_mask_storeu_epi64(s.product + k, some, _mm512_ternarylogic_epi64(first, x1, y0, 0x78));
  };
  __m512i state[kRegisters];
  for (std::size_t first = 0; first < s.words; first += kWords) {
#pragma GCC unroll 4
    for (unsigned i = 0; i < kHalf; ++i) {
      const __m512i blocks = CounterBlocks(counter, first / 2 + 4 * i);
      state[i] = _mm512_xor_si512(blocks, next_key);
      state[kHalf + i] = _mm512_xor_si512(blocks, previous_key);
    }
    Rounds(next.round_keys, previous.round_keys, state);
    if (s.words - first >= kWords) {
#pragma GCC unroll 4
      for (unsigned i = 0; i < kHalf; ++i) product(first + 8 * i, 0xff, state[i], state[kHalf + i]);
    } else {
      std::size_t left = s.words - first;
      for (unsigned i = 0; i < kHalf && left > 0; ++i) {
        const std::size_t count = left < 8 ? left : 8;
        product(first + 8 * i, static_cast<__mmask8>((1u << count) - 1), state[i], state[kHalf + i]);
        left -= count;
      }
    }
  }
}

void XorWords(const std::uint64_t* a, const std::uint64_t* b, std::uint64_t constant, std::uint64_t* out,
              std::size_t words) {
  const __m512i all = _mm512_set1_epi64(static_cast<long long>(constant));
  // Planes of a column come from memory a piece at a time, and the processor's own prefetching ends with each page.
  constexpr std::size_t kAhead = 128;
  for (std::size_t k = 0; k < words; k += 8) {
    _mm_prefetch(reinterpret_cast<const char*>(a + k + kAhead), _MM_HINT_T0);
    if (b != nullptr) _mm_prefetch(reinterpret_cast<const char*>(b + k + kAhead), _MM_HINT_T0);
    const __mmask8 some =
        words - k >= 8 ? static_cast<__mmask8>(0xff) : static_cast<__mmask8>((1u << (words - k)) - 1);
    __m512i word = _mm512_xor_si512(_mm512_maskz_loadu_epi64(some, a + k), all);
    if (b != nullptr) word = _mm512_xor_si512(word, _mm512_maskz_loadu_epi64(some, b + k));
    _mm512_mask_storeu_epi64(out + k, some, word);
  }
}

// Bytes of an 8 x 8 matrix of bytes (eight words), transposed; `reverse` also turns round the bytes of each
// resulting word.
inline __m512i ByteTranspose(__m512i words, bool reverse) {
  alignas(64) std::uint8_t plain[64], turned[64];
  for (unsigned r = 0; r < 8; ++r) {
    for (unsigned c = 0; c < 8; ++c) {
      plain[8 * r + c] = static_cast<std::uint8_t>(8 * c + r);
      turned[8 * r + c] = static_cast<std::uint8_t>(8 * (7 - c) + r);
    }
  }
  return _mm512_permutexvar_epi8(_mm512_load_si512(reverse ? turned : plain), words);
}

// Word j of register g to word g of register j.
inline void SwapWords(const __m512i (&rows)[8], __m512i (&columns)[8]) {
  // Pairs of words, of halves of registers, of registers.
  __m512i pairs[8], quads[8];
#pragma GCC unroll 4
  for (unsigned g = 0; g < 8; g += 2) {
    pairs[g] = _mm512_unpacklo_epi64(rows[g], rows[g + 1]);      // columns 0 2 4 6
    pairs[g + 1] = _mm512_unpackhi_epi64(rows[g], rows[g + 1]);  // columns 1 3 5 7
  }
#pragma GCC unroll 2
  for (unsigned g = 0; g < 8; g += 4) {
#pragma GCC unroll 2
    for (unsigned odd = 0; odd < 2; ++odd) {
      const __m512i a = pairs[g + odd], b = pairs[g + 2 + odd];
      quads[g + odd] = _mm512_shuffle_i64x2(a, b, 0x88);      // columns 0 4 (+ odd) of rows g, then of g + 2
      quads[g + 2 + odd] = _mm512_shuffle_i64x2(a, b, 0xdd);  // columns 2 6 (+ odd)
    }
  }
#pragma GCC unroll 4
  for (unsigned column = 0; column < 4; ++column) {
    // quads[column] has columns `column` and column + 4 of rows 0 .. 3; quads[4 + column] of rows 4 .. 7.
    const __m512i a = quads[column], b = quads[4 + column];
    columns[column] = _mm512_shuffle_i64x2(a, b, 0x88);
    columns[column + 4] = _mm512_shuffle_i64x2(a, b, 0xdd);
  }
}

// A 64 x 64 matrix of bits as 8 x 8 blocks of 8 x 8 bits: the bits of each block by one GFNI instruction
// (whose matrix has its rows in reverse), the blocks as words among eight registers.
inline void Transpose(const std::uint64_t in[64], std::uint64_t out[64]) {
  const __m512i units = _mm512_set1_epi64(static_cast<long long>(0x8040201008040201));
  __m512i rows[8], columns[8];  // word j of register g: the block of rows 8 g .. and columns 8 j .., transposed
#pragma GCC unroll 8
  for (unsigned g = 0; g < 8; ++g) {
    rows[g] = _mm512_gf2p8affine_epi64_epi8(units, ByteTranspose(_mm512_loadu_si512(in + 8 * g), true), 0);
  }
  SwapWords(rows, columns);
#pragma GCC unroll 8
  for (unsigned column = 0; column < 8; ++column) {
    _mm512_storeu_si512(out + 8 * column, ByteTranspose(columns[column], false));
  }
}

void RowsToPlanes(const std::uint64_t rows[Kernels::kRowsAtOnce], unsigned planes, std::uint64_t* out,
                  std::size_t stride) {
  alignas(64) std::uint64_t blocks[8][64];
  for (unsigned j = 0; j < 8; ++j) Transpose(rows + 64 * j, blocks[j]);
  for (unsigned first = 0; first < planes; first += 8, out += 8 * stride) {
    __m512i words[8], lines[8];
#pragma GCC unroll 8
    for (unsigned j = 0; j < 8; ++j) words[j] = _mm512_load_si512(blocks[j] + first);
    SwapWords(words, lines);
    const unsigned count = planes - first < 8 ? planes - first : 8;
#pragma GCC unroll 8
    for (unsigned p = 0; p < 8; ++p) {
      if (p < count) _mm512_storeu_si512(out + p * stride, lines[p]);
    }
  }
}

// Compressing stores are slow on some processors: whole vectors are stored, and what they hold too much is overwritten.
void SplitWords(const std::uint64_t* in, const std::uint64_t* bits, std::size_t count, std::uint64_t* low,
                std::uint64_t* high) {
  std::size_t i = 0;
  for (; i + 8 <= count; i += 8) {
    const __m512i words = _mm512_loadu_si512(in + i);
    const auto set = static_cast<__mmask8>(bits[i / 64] >> (i % 64));
    _mm512_storeu_si512(low, _mm512_maskz_compress_epi64(set, words));
    _mm512_storeu_si512(high, _mm512_maskz_compress_epi64(static_cast<__mmask8>(~set), words));
    const int taken = __builtin_popcount(set);
    low += taken;
    high += 8 - taken;
  }
  if (i == count) return;
  const auto left = static_cast<__mmask8>((1u << (count - i)) - 1);
  const __m512i words = _mm512_maskz_loadu_epi64(left, in + i);
  const auto set = static_cast<__mmask8>(bits[i / 64] >> (i % 64) & left);
  const auto taken = static_cast<__mmask8>((1u << __builtin_popcount(set)) - 1);
  _mm512_mask_storeu_epi64(low, taken, _mm512_maskz_compress_epi64(set, words));
  _mm512_storeu_si512(high, _mm512_maskz_compress_epi64(static_cast<__mmask8>(~set & left), words));
}

void SplitNumbers(const std::uint32_t* in, const std::uint64_t* bits, std::size_t count, std::uint32_t* low,
                  std::uint32_t* high) {
  std::size_t i = 0;
  for (; i + 16 <= count; i += 16) {
    const __m512i numbers = _mm512_loadu_si512(in + i);
    const auto set = static_cast<__mmask16>(bits[i / 64] >> (i % 64));
    _mm512_storeu_si512(low, _mm512_maskz_compress_epi32(set, numbers));
    _mm512_storeu_si512(high, _mm512_maskz_compress_epi32(static_cast<__mmask16>(~set), numbers));
    const int taken = __builtin_popcount(set);
    low += taken;
    high += 16 - taken;
  }
  if (i == count) return;
  const auto left = static_cast<__mmask16>((1u << (count - i)) - 1);
  const __m512i numbers = _mm512_maskz_loadu_epi32(left, in + i);
  const auto set = static_cast<__mmask16>(bits[i / 64] >> (i % 64) & left);
  const auto taken = static_cast<__mmask16>((1u << __builtin_popcount(set)) - 1);
  _mm512_mask_storeu_epi32(low, taken, _mm512_maskz_compress_epi32(set, numbers));
  _mm512_storeu_si512(high, _mm512_maskz_compress_epi32(static_cast<__mmask16>(~set & left), numbers));
}

constexpr Kernels kKernels = {.level = KernelLevel::kAvx512,
                              .expand_key = ExpandKey,
                              .key_stream = KeyStream,
                              .and_masked = Masked<And>,
                              .multiply_masked = Masked<Multiply>,
                              .xor_zero = Masked<Xor>,
                              .add_zero = Masked<Add>,
                              .borrow_masked = BorrowMasked,
                              .xor_words = XorWords,
                              .transpose = Transpose,
                              .rows_to_planes = RowsToPlanes,
                              .split_words = SplitWords,
                              .split_numbers = SplitNumbers};

}  // namespace

const Kernels& Avx512Kernels() { return kKernels; }

}  // namespace care::mpc

#endif  // defined(__x86_64__)
