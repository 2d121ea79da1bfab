// The level of AES-NI and AVX2. No standard library here: see kernels.h.

#if defined(__x86_64__)

#include <immintrin.h>

#include "mpc/kernel/expand_key.h"
#include "mpc/kernel/levels.h"
#include "mpc/kernel/simple_kernels.h"

namespace care::mpc {
namespace {

// Eight blocks hide the latency of an AES round: four of each of two streams, or eight of one.
constexpr unsigned kLanes = 8;

inline __m128i LoadBlock(const void* from) { return _mm_loadu_si128(reinterpret_cast<const __m128i*>(from)); }
inline __m256i LoadWords(const std::uint64_t* from) {
  return _mm256_loadu_si256(reinterpret_cast<const __m256i*>(from));
}

inline __m128i CounterBlock(AesCounter counter, std::uint64_t add) {
  return _mm_set_epi64x(static_cast<long long>(__builtin_bswap64(counter.low + add)),
                        static_cast<long long>(__builtin_bswap64(counter.high)));
}

// Blocks first .. first + 3 of two streams, or first .. first + 7 of one.
template <bool kTwo>
inline void Encrypt(const std::uint8_t* left, const std::uint8_t* right, AesCounter counter,
                    std::uint64_t first, __m128i (&blocks)[kLanes]) {
  const __m128i left_key = LoadBlock(left), right_key = LoadBlock(right);
  __m128i b[kLanes];
#pragma GCC unroll 4
  for (unsigned i = 0; i < 4; ++i) {
    const __m128i block = CounterBlock(counter, first + i);
    b[i] = _mm_xor_si128(block, left_key);
    b[4 + i] = _mm_xor_si128(kTwo ? block : CounterBlock(counter, first + 4 + i), right_key);
  }
#pragma GCC unroll 9
  for (unsigned round = 1; round < 10; ++round) {
    const __m128i k = LoadBlock(left + 16 * round), l = LoadBlock(right + 16 * round);
#pragma GCC unroll 4
    for (unsigned i = 0; i < 4; ++i) {
      b[i] = _mm_aesenc_si128(b[i], k);
      b[4 + i] = _mm_aesenc_si128(b[4 + i], l);
    }
  }
  const __m128i k = LoadBlock(left + 160), l = LoadBlock(right + 160);
#pragma GCC unroll 4
  for (unsigned i = 0; i < 4; ++i) {
    blocks[i] = _mm_aesenclast_si128(b[i], k);
    blocks[4 + i] = _mm_aesenclast_si128(b[4 + i], l);
  }
}

void KeyStream(const AesSchedule& key, AesCounter counter, std::uint8_t* out, std::size_t bytes) {
  __m128i blocks[kLanes];
  std::uint64_t block = 0;
  for (; bytes >= 16 * kLanes; bytes -= 16 * kLanes, out += 16 * kLanes, block += kLanes) {
    Encrypt<false>(key.round_keys, key.round_keys, counter, block, blocks);
#pragma GCC unroll 8
    for (unsigned i = 0; i < kLanes; ++i) {
      _mm_storeu_si128(reinterpret_cast<__m128i*>(out) + i, blocks[i]);
    }
  }
  if (bytes == 0) return;
  Encrypt<false>(key.round_keys, key.round_keys, counter, block, blocks);
  __builtin_memcpy(out, blocks, bytes);
}

struct And {
  static __m256i Words(__m256i x0, __m256i x1, __m256i y0, __m256i y1, __m256i plus, __m256i minus) {
    const __m256i products =
        _mm256_xor_si256(_mm256_and_si256(x0, _mm256_xor_si256(y0, y1)), _mm256_and_si256(x1, y0));
    return _mm256_xor_si256(products, _mm256_xor_si256(plus, minus));
  }
};
struct Multiply {
  // Modulo 2^64, of which AVX2 has only the products of halves.
  static __m256i Times(__m256i a, __m256i b) {
    const __m256i crossed = _mm256_add_epi64(_mm256_mul_epu32(_mm256_srli_epi64(a, 32), b),
                                             _mm256_mul_epu32(a, _mm256_srli_epi64(b, 32)));
    return _mm256_add_epi64(_mm256_mul_epu32(a, b), _mm256_slli_epi64(crossed, 32));
  }
  static __m256i Words(__m256i x0, __m256i x1, __m256i y0, __m256i y1, __m256i plus, __m256i minus) {
    const __m256i products = _mm256_add_epi64(Times(x0, _mm256_add_epi64(y0, y1)), Times(x1, y0));
    return _mm256_add_epi64(products, _mm256_sub_epi64(plus, minus));
  }
};
struct Xor {
  static __m256i Words(__m256i x0, __m256i plus, __m256i minus) {
    return _mm256_xor_si256(x0, _mm256_xor_si256(plus, minus));
  }
};
struct Add {
  static __m256i Words(__m256i x0, __m256i plus, __m256i minus) {
    return _mm256_add_epi64(x0, _mm256_sub_epi64(plus, minus));
  }
};

// Four words from k on, and the last few copied to where whole vectors can be read. `Product` reads all
// operands, `Zero` only the first.
template <typename Operation>
struct Product {
  static __m256i At(const ShareProduct& p, std::size_t k, __m256i plus, __m256i minus) {
    return Operation::Words(LoadWords(p.x0 + k), LoadWords(p.x1 + k), LoadWords(p.y0 + k),
                            LoadWords(p.y1 + k), plus, minus);
  }
  static ShareProduct Last(const ShareProduct& p, std::size_t first, std::uint64_t (&copy)[4][kLanes]) {
    const std::uint64_t* operands[4] = {p.x0, p.x1, p.y0, p.y1};
    for (unsigned i = 0; i < 4; ++i) __builtin_memcpy(copy[i], operands[i] + first, 8 * (p.words - first));
    return {.x0 = copy[0], .x1 = copy[1], .y0 = copy[2], .y1 = copy[3]};
  }
};
template <typename Operation>
struct Zero {
  static __m256i At(const ShareProduct& p, std::size_t k, __m256i plus, __m256i minus) {
    return Operation::Words(LoadWords(p.x0 + k), plus, minus);
  }
  static ShareProduct Last(const ShareProduct& p, std::size_t first, std::uint64_t (&copy)[4][kLanes]) {
    __builtin_memcpy(copy[0], p.x0 + first, 8 * (p.words - first));
    return {.x0 = copy[0]};
  }
};

inline __m256i Join(__m128i low, __m128i high) {
  return _mm256_inserti128_si256(_mm256_castsi128_si256(low), high, 1);
}
inline void StoreWords(std::uint64_t* to, __m256i words) {
  _mm256_storeu_si256(reinterpret_cast<__m256i*>(to), words);
}

// Eight words at a time: four blocks of each stream.
template <typename Form>
void Masked(const ShareProduct& p, const AesSchedule& next, const AesSchedule& previous, AesCounter counter) {
  __m128i b[kLanes];
  std::size_t first = 0;
  for (; first + kLanes <= p.words; first += kLanes) {
    Encrypt<true>(next.round_keys, previous.round_keys, counter, first / 2, b);
    const __m256i low = Form::At(p, first, Join(b[0], b[1]), Join(b[4], b[5]));
    const __m256i high = Form::At(p, first + 4, Join(b[2], b[3]), Join(b[6], b[7]));
    StoreWords(p.out + first, low);
    StoreWords(p.out + first + 4, high);
  }
  if (first == p.words) return;
  std::uint64_t copy[4][kLanes] = {}, out[kLanes];
  const ShareProduct last = Form::Last(p, first, copy);
  Encrypt<true>(next.round_keys, previous.round_keys, counter, first / 2, b);
  StoreWords(out, Form::At(last, 0, Join(b[0], b[1]), Join(b[4], b[5])));
  StoreWords(out + 4, Form::At(last, 4, Join(b[2], b[3]), Join(b[6], b[7])));
  __builtin_memcpy(p.out + first, out, 8 * (p.words - first));
}

void XorWords(const std::uint64_t* a, const std::uint64_t* b, std::uint64_t constant, std::uint64_t* out,
              std::size_t words) {
  const __m256i all = _mm256_set1_epi64x(static_cast<long long>(constant));
  std::size_t k = 0;
  for (; k + 4 <= words; k += 4) {
    const __m256i word = _mm256_xor_si256(LoadWords(a + k), all);
    StoreWords(out + k, b == nullptr ? word : _mm256_xor_si256(word, LoadWords(b + k)));
  }
  for (; k < words; ++k) out[k] = a[k] ^ constant ^ (b == nullptr ? 0 : b[k]);
}

// As the portable transpose, four words at a time; the last two steps stay within a vector.
template <int kHalf>
inline void SwapRegisters(__m256i (&rows)[16], std::uint64_t mask) {
  const __m256i keep = _mm256_set1_epi64x(static_cast<long long>(mask));
  constexpr unsigned kDistance = kHalf / 4;
#pragma GCC unroll 8
  for (unsigned base = 0; base < 16; base += 2 * kDistance) {
#pragma GCC unroll 8
    for (unsigned k = base; k < base + kDistance; ++k) {
      __m256i& low = rows[k];
      __m256i& high = rows[k + kDistance];
      const __m256i swap = _mm256_and_si256(_mm256_xor_si256(_mm256_srli_epi64(low, kHalf), high), keep);
      high = _mm256_xor_si256(high, swap);
      low = _mm256_xor_si256(low, _mm256_slli_epi64(swap, kHalf));
    }
  }
}

void Transpose(const std::uint64_t in[64], std::uint64_t out[64]) {
  __m256i rows[16];
#pragma GCC unroll 16
  for (unsigned i = 0; i < 16; ++i) rows[i] = LoadWords(in + 4 * i);
  SwapRegisters<32>(rows, 0x00000000ffffffff);
  SwapRegisters<16>(rows, 0x0000ffff0000ffff);
  SwapRegisters<8>(rows, 0x00ff00ff00ff00ff);
  SwapRegisters<4>(rows, 0x0f0f0f0f0f0f0f0f);
  // Rows 0, 1 against 2, 3 of a vector, then 0 against 1 and 2 against 3. A row that keeps its low bits takes
  // its partner's low bits shifted up; the partner the other way round.
  const __m256i low_two = _mm256_set1_epi64x(0x3333333333333333);
  const __m256i low_one = _mm256_set1_epi64x(0x5555555555555555);
#pragma GCC unroll 16
  for (__m256i& row : rows) {
    const __m256i crossed = _mm256_permute4x64_epi64(row, 0x4e);
    const __m256i first = _mm256_or_si256(_mm256_and_si256(row, low_two),
                                          _mm256_slli_epi64(_mm256_and_si256(crossed, low_two), 2));
    const __m256i second = _mm256_or_si256(_mm256_and_si256(_mm256_srli_epi64(crossed, 2), low_two),
                                           _mm256_andnot_si256(low_two, row));
    row = _mm256_blend_epi32(first, second, 0xf0);
    const __m256i beside = _mm256_permute4x64_epi64(row, 0xb1);
    const __m256i even = _mm256_or_si256(_mm256_and_si256(row, low_one),
                                         _mm256_slli_epi64(_mm256_and_si256(beside, low_one), 1));
    const __m256i odd = _mm256_or_si256(_mm256_and_si256(_mm256_srli_epi64(beside, 1), low_one),
                                        _mm256_andnot_si256(low_one, row));
    row = _mm256_blend_epi32(even, odd, 0xcc);
  }
#pragma GCC unroll 16
  for (unsigned i = 0; i < 16; ++i) {
    _mm256_storeu_si256(reinterpret_cast<__m256i*>(out + 4 * i), rows[i]);
  }
}

constexpr Kernels kKernels = {.level = KernelLevel::kAvx2,
                              .expand_key = ExpandKey,
                              .key_stream = KeyStream,
                              .and_masked = Masked<Product<And>>,
                              .multiply_masked = Masked<Product<Multiply>>,
                              .xor_zero = Masked<Zero<Xor>>,
                              .add_zero = Masked<Zero<Add>>,
                              .borrow_masked = BorrowByProducts<Masked<Product<And>>>,
                              .xor_words = XorWords,
                              .transpose = Transpose,
                              .rows_to_planes = RowsToPlanesByBlocks<Transpose>,
                              .split_words = SplitItems<std::uint64_t>,
                              .split_numbers = SplitItems<std::uint32_t>};

}  // namespace

const Kernels& Avx2Kernels() { return kKernels; }

}  // namespace care::mpc

#endif  // defined(__x86_64__)
