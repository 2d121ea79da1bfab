// The level for every processor: OpenSSL's AES, which uses whatever the processor has, and plain loops.

#include <openssl/evp.h>

#include <algorithm>
#include <cstring>

#include "engine/types/check.h"
#include "mpc/kernel/levels.h"
#include "mpc/kernel/simple_kernels.h"

namespace care::mpc {
namespace {

void StartStream(const AesSchedule& key, AesCounter counter) {
  std::uint8_t block[16];
  for (int i = 0; i < 8; ++i) {
    block[i] = static_cast<std::uint8_t>(counter.high >> (56 - 8 * i));
    block[8 + i] = static_cast<std::uint8_t>(counter.low >> (56 - 8 * i));
  }
  CARE_CHECK(EVP_EncryptInit_ex(key.context, nullptr, nullptr, nullptr, block) == 1);
}

// The next bytes of the stream: the encryption of zeroes.
void ContinueStream(const AesSchedule& key, std::uint8_t* out, std::size_t bytes) {
  // OpenSSL counts in int, so long spans go in pieces.
  constexpr std::size_t kPiece = std::size_t{1} << 30;
  for (std::size_t done = 0; done < bytes; done += kPiece) {
    const int count = static_cast<int>(std::min(kPiece, bytes - done));
    std::memset(out + done, 0, count);
    int written = 0;
    CARE_CHECK(EVP_EncryptUpdate(key.context, out + done, &written, out + done, count) == 1 &&
               written == count);
  }
}

void KeyStream(const AesSchedule& key, AesCounter counter, std::uint8_t* out, std::size_t bytes) {
  StartStream(key, counter);
  ContinueStream(key, out, bytes);
}

template <typename Combine>
void Masked(const ShareProduct& product, const AesSchedule& next, const AesSchedule& previous,
            AesCounter counter, Combine combine) {
  constexpr std::size_t kBlock = 512;  // the masks stay in the first cache
  std::uint64_t plus[kBlock], minus[kBlock];
  StartStream(next, counter);
  StartStream(previous, counter);
  for (std::size_t first = 0; first < product.words; first += kBlock) {
    const std::size_t count = std::min(kBlock, product.words - first);
    ContinueStream(next, reinterpret_cast<std::uint8_t*>(plus), count * sizeof(std::uint64_t));
    ContinueStream(previous, reinterpret_cast<std::uint8_t*>(minus), count * sizeof(std::uint64_t));
    for (std::size_t k = 0; k < count; ++k) product.out[first + k] = combine(first + k, plus[k], minus[k]);
  }
}

void AndMasked(const ShareProduct& p, const AesSchedule& next, const AesSchedule& previous,
               AesCounter counter) {
  Masked(p, next, previous, counter, [&](std::size_t k, std::uint64_t plus, std::uint64_t minus) {
    return (p.x0[k] & (p.y0[k] ^ p.y1[k])) ^ (p.x1[k] & p.y0[k]) ^ plus ^ minus;
  });
}
void MultiplyMasked(const ShareProduct& p, const AesSchedule& next, const AesSchedule& previous,
                    AesCounter counter) {
  Masked(p, next, previous, counter, [&](std::size_t k, std::uint64_t plus, std::uint64_t minus) {
    return p.x0[k] * (p.y0[k] + p.y1[k]) + p.x1[k] * p.y0[k] + plus - minus;
  });
}
void XorZero(const ShareProduct& p, const AesSchedule& next, const AesSchedule& previous,
             AesCounter counter) {
  Masked(p, next, previous, counter,
         [&](std::size_t k, std::uint64_t plus, std::uint64_t minus) { return p.x0[k] ^ plus ^ minus; });
}
void AddZero(const ShareProduct& p, const AesSchedule& next, const AesSchedule& previous,
             AesCounter counter) {
  Masked(p, next, previous, counter,
         [&](std::size_t k, std::uint64_t plus, std::uint64_t minus) { return p.x0[k] + plus - minus; });
}

void XorWords(const std::uint64_t* a, const std::uint64_t* b, std::uint64_t constant, std::uint64_t* out,
              std::size_t words) {
  if (b == nullptr) {
    for (std::size_t k = 0; k < words; ++k) out[k] = a[k] ^ constant;
  } else {
    for (std::size_t k = 0; k < words; ++k) out[k] = a[k] ^ b[k] ^ constant;
  }
}

// Swaps the off-diagonal blocks of 32 x 32, then of 16 x 16 within each, and so on.
void Transpose(const std::uint64_t in[64], std::uint64_t out[64]) {
  if (in != out) std::copy_n(in, 64, out);
  std::uint64_t mask = 0x00000000ffffffff;
  for (unsigned half = 32; half != 0; half >>= 1, mask ^= mask << half) {
    for (unsigned base = 0; base < 64; base += 2 * half) {
      for (unsigned k = base; k < base + half; ++k) {
        const std::uint64_t swap = (out[k] >> half ^ out[k + half]) & mask;
        out[k + half] ^= swap;
        out[k] ^= swap << half;
      }
    }
  }
}

}  // namespace

const Kernels& PortableKernels() {
  static const Kernels kernels = {.level = KernelLevel::kPortable,
                                  .expand_key = nullptr,
                                  .key_stream = KeyStream,
                                  .and_masked = AndMasked,
                                  .multiply_masked = MultiplyMasked,
                                  .xor_zero = XorZero,
                                  .add_zero = AddZero,
                                  .borrow_masked = BorrowByProducts<AndMasked>,
                                  .xor_words = XorWords,
                                  .transpose = Transpose,
                                  .rows_to_planes = RowsToPlanesByBlocks<Transpose>,
                                  .split_words = SplitItems<std::uint64_t>,
                                  .split_numbers = SplitItems<std::uint32_t>};
  return kernels;
}

}  // namespace care::mpc
