// mpc/kernel/kernels.h
//
// The inner loops in which a query spends its local time, each written for several kinds of processor: the
// key stream of AES-128 in counter mode, products of shares under the masks of two such streams (made and
// used in registers, written where the message is sent from), and 64 x 64 bit transposes.
//
// The program runs on any x86-64 and builds on other processors. BestKernels() chooses once, by what this
// processor has; every level computes exactly the same, which tests/unit/mpc/kernels_test.cc checks for all
// levels that the machine has. Only the portable level is written with the standard library: the others are
// compiled with instructions that not every processor has, and an inline function of a header compiled there
// could be the copy that the linker keeps for everybody.
#pragma once

#include <cstddef>
#include <cstdint>

struct evp_cipher_ctx_st;  // OpenSSL's EVP_CIPHER_CTX

namespace care::mpc {

enum class KernelLevel : std::uint8_t {
  kPortable,  // OpenSSL and plain loops
  kAvx2,      // AES-NI and AVX2
  kAvx512,    // AVX-512 with VAES, GFNI and VBMI
};

// An AES-128 key, expanded: what the kernels read of an AesKey (aes_key.h). The portable level has the
// context instead of round keys, and keeps the counter in it.
struct AesSchedule {
  static constexpr std::size_t kRoundKeyBytes = 11 * 16;
  std::uint8_t round_keys[kRoundKeyBytes] = {};
  evp_cipher_ctx_st* context = nullptr;
};

// A counter block as two big-endian halves. The low half must not overflow: mpc/random/prg.h lays it out.
struct AesCounter {
  std::uint64_t high = 0;
  std::uint64_t low = 0;
};

// One party's operands of a product and where its masked part of it goes. Lengths in words; any alignment.
struct ShareProduct {
  const std::uint64_t* x0 = nullptr;
  const std::uint64_t* x1 = nullptr;
  const std::uint64_t* y0 = nullptr;
  const std::uint64_t* y1 = nullptr;
  std::uint64_t* out = nullptr;  // may be one of the operands
  std::size_t words = 0;
};

// One bit of many subtractions a - b, of which only the borrow c is wanted: c' = c ^ ((~a ^ c) & (b ^ c)). One
// party's shares; lengths in words, any alignment.
struct BorrowStep {
  static constexpr std::size_t kGroup = 8;
  const std::uint64_t* a0 = nullptr;
  const std::uint64_t* a1 = nullptr;
  const std::uint64_t* b0 = nullptr;  // groups of kGroup words, in the order in which b_groups names them
  const std::uint64_t* b1 = nullptr;
  const std::uint16_t* b_groups = nullptr;
  std::uint64_t not0 = 0;  // what complements share 0 of a in this party's first part, and in its second
  std::uint64_t not1 = 0;
  std::uint64_t* c0 = nullptr;  // before the product of the bit below was added to it
  std::uint64_t* c1 = nullptr;
  std::uint64_t* product = nullptr;         // this party's part of the product below, then of this bit's
  const std::uint64_t* received = nullptr;  // the other part of the product below
  std::size_t words = 0;
};

struct Kernels {
  KernelLevel level;

  // Null at the portable level, where OpenSSL expands.
  void (*expand_key)(const std::uint8_t key[16], std::uint8_t round_keys[AesSchedule::kRoundKeyBytes]);

  // The first `bytes` of the key stream that starts at `counter`.
  void (*key_stream)(const AesSchedule& key, AesCounter counter, std::uint8_t* out, std::size_t bytes);

  // With N and P the words of the two streams that start at `counter`:
  //   and_masked       out = x0 & (y0 ^ y1) ^ x1 & y0 ^ N ^ P
  //   multiply_masked  out = x0 * (y0 + y1) + x1 * y0 + N - P   modulo 2^64
  //   xor_zero         out = x0 ^ N ^ P
  //   add_zero         out = x0 + N - P                         modulo 2^64
  // Both keys are of this level.
  using MaskedProduct = void (*)(const ShareProduct& product, const AesSchedule& next,
                                 const AesSchedule& previous, AesCounter counter);
  MaskedProduct and_masked;
  MaskedProduct multiply_masked;
  MaskedProduct xor_zero;
  MaskedProduct add_zero;

  // c0 ^= product and c1 ^= received; then, with x = a ^ not ^ c and y = b ^ c, the masked product of x and y.
  void (*borrow_masked)(const BorrowStep& step, const AesSchedule& next, const AesSchedule& previous,
                        AesCounter counter);

  // out = a ^ b ^ constant, every word the same constant. `b` may be null (zero); `out` may be an operand.
  void (*xor_words)(const std::uint64_t* a, const std::uint64_t* b, std::uint64_t constant,
                    std::uint64_t* out, std::size_t words);

  // Bit c of word r moves to bit r of word c. `in` and `out` may be the same.
  void (*transpose)(const std::uint64_t in[64], std::uint64_t out[64]);

  // The first `planes` bits (at most 64) of 512 rows of a word: the eight words of plane p go to out + p * stride.
  static constexpr std::size_t kRowsAtOnce = 512;
  void (*rows_to_planes)(const std::uint64_t rows[kRowsAtOnce], unsigned planes, std::uint64_t* out,
                         std::size_t stride);

  // Moves what has its bit set to `low` and the rest to `high`, each in order. `low` may be `in`, or lie before it, and is
  // written up to where `in` ends at most; `high` has room for count + kSplitSlack. `low` gets as many as bits are set.
  static constexpr std::size_t kSplitSlack = 16;
  void (*split_words)(const std::uint64_t* in, const std::uint64_t* bits, std::size_t count, std::uint64_t* low,
                      std::uint64_t* high);
  void (*split_numbers)(const std::uint32_t* in, const std::uint64_t* bits, std::size_t count, std::uint32_t* low,
                        std::uint32_t* high);
};

// Whether this processor, and this build, has the level. The portable one always.
bool HasKernels(KernelLevel level);
// The kernels of a level that HasKernels.
const Kernels& KernelsOf(KernelLevel level);
// The fastest level that HasKernels, found at the first call.
const Kernels& BestKernels();

}  // namespace care::mpc
