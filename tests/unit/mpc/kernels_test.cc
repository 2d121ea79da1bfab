// Every level that this machine has against definitions written out here, at sizes around every register and
// every tail, at any alignment. AES itself is OpenSSL's, block by block.
#include "mpc/kernel/kernels.h"

#include <openssl/evp.h>

#include <algorithm>
#include <cstring>
#include <functional>
#include <memory>
#include <random>
#include <span>
#include <vector>

#include "gtest/gtest.h"
#include "mpc/kernel/aes_key.h"

namespace care::mpc {
namespace {

using Key = std::array<std::uint8_t, 16>;
constexpr Key kNextKey = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16};
constexpr Key kPreviousKey = {0xff, 0xee, 0xdd, 3, 0, 0, 0, 0, 9, 0x80, 0x41, 12, 13, 14, 15, 0};
constexpr AesCounter kCounter = {.high = 0x0123456789abcdef, .low = 0xfe00000000000000};

// Encrypts counter blocks one by one.
std::vector<std::uint8_t> ExpectedStream(const Key& key, AesCounter counter, std::size_t bytes) {
  std::unique_ptr<EVP_CIPHER_CTX, decltype(&EVP_CIPHER_CTX_free)> context(EVP_CIPHER_CTX_new(),
                                                                          &EVP_CIPHER_CTX_free);
  EXPECT_EQ(EVP_EncryptInit_ex(context.get(), EVP_aes_128_ecb(), nullptr, key.data(), nullptr), 1);
  std::vector<std::uint8_t> stream(bytes / 16 * 16 + 32);
  for (std::size_t block = 0; block * 16 < bytes; ++block) {
    std::uint8_t in[16];
    for (int i = 0; i < 8; ++i) {
      in[i] = static_cast<std::uint8_t>(counter.high >> (56 - 8 * i));
      in[8 + i] = static_cast<std::uint8_t>((counter.low + block) >> (56 - 8 * i));
    }
    int written = 0;
    EXPECT_EQ(EVP_EncryptUpdate(context.get(), stream.data() + 16 * block, &written, in, 16), 1);
  }
  stream.resize(bytes);
  return stream;
}

std::vector<std::uint64_t> ExpectedWords(const Key& key, std::size_t words) {
  const std::vector<std::uint8_t> bytes = ExpectedStream(key, kCounter, 8 * words);
  std::vector<std::uint64_t> result(words);
  if (words > 0) std::memcpy(result.data(), bytes.data(), bytes.size());
  return result;
}

class EveryLevel : public testing::TestWithParam<KernelLevel> {
 protected:
  void SetUp() override {
    if (!HasKernels(GetParam())) GTEST_SKIP() << "this processor lacks the level";
  }
  const Kernels& kernels() const { return KernelsOf(GetParam()); }
};

TEST_P(EveryLevel, NamesItself) { EXPECT_EQ(kernels().level, GetParam()); }

TEST_P(EveryLevel, KeyStreamIsAesInCounterMode) {
  const AesKey key(kNextKey, kernels());
  const std::vector<std::uint8_t> expected = ExpectedStream(kNextKey, kCounter, 5000);
  for (std::size_t bytes = 0; bytes <= 1300; ++bytes) {
    std::vector<std::uint8_t> out(bytes + 64, 0xcc);
    std::uint8_t* start = out.data() + bytes % 17;
    kernels().key_stream(key.schedule(), kCounter, start, bytes);
    ASSERT_TRUE(std::equal(start, start + bytes, expected.begin())) << bytes;
    for (std::size_t k = 0; k < bytes % 17; ++k) ASSERT_EQ(out[k], 0xcc) << bytes;
    for (std::size_t k = bytes % 17 + bytes; k < out.size(); ++k) ASSERT_EQ(out[k], 0xcc) << bytes;
  }
  std::vector<std::uint8_t> out(5000);
  kernels().key_stream(key.schedule(), kCounter, out.data(), out.size());
  EXPECT_EQ(out, expected);
}

TEST_P(EveryLevel, KeysCanBeMoved) {
  AesKey first(kNextKey, kernels());
  AesKey second(std::move(first));
  AesKey third(kPreviousKey, kernels());
  third = std::move(second);
  std::vector<std::uint8_t> out(40);
  kernels().key_stream(third.schedule(), kCounter, out.data(), out.size());
  EXPECT_EQ(out, ExpectedStream(kNextKey, kCounter, 40));
}

TEST_P(EveryLevel, MaskedProductsAreTheirDefinitions) {
  using Word = std::uint64_t;
  using Formula = std::function<Word(Word x0, Word x1, Word y0, Word y1, Word next, Word previous)>;
  const std::vector<std::pair<Kernels::MaskedProduct, Formula>> operations = {
      {kernels().and_masked, [](Word x0, Word x1, Word y0, Word y1, Word n,
                                Word p) { return (x0 & (y0 ^ y1)) ^ (x1 & y0) ^ n ^ p; }},
      {kernels().multiply_masked,
       [](Word x0, Word x1, Word y0, Word y1, Word n, Word p) { return x0 * (y0 + y1) + x1 * y0 + n - p; }},
      {kernels().xor_zero, [](Word x0, Word, Word, Word, Word n, Word p) { return x0 ^ n ^ p; }},
      {kernels().add_zero, [](Word x0, Word, Word, Word, Word n, Word p) { return x0 + n - p; }},
  };
  const AesKey next(kNextKey, kernels()), previous(kPreviousKey, kernels());
  std::mt19937_64 random(1);
  std::vector<std::size_t> sizes;
  for (std::size_t words = 0; words <= 140; ++words) sizes.push_back(words);
  for (const std::size_t words : {511, 512, 513, 1023, 8192}) sizes.push_back(words);
  for (const std::size_t words : sizes) {
    const std::vector<Word> n = ExpectedWords(kNextKey, words), p = ExpectedWords(kPreviousKey, words);
    std::vector<Word> operands[4];
    for (auto& operand : operands) {
      operand.resize(words + 1);
      for (Word& word : operand) word = random();
    }
    for (std::size_t operation = 0; operation < operations.size(); ++operation) {
      for (const bool in_place : {false, true}) {
        SCOPED_TRACE(testing::Message() << words << " words, operation " << operation);
        std::vector<Word> x0 = operands[0];
        std::vector<Word> separate(words + 2, 0xcccc);
        Word* out = in_place ? x0.data() + 1 : separate.data() + 1;
        const ShareProduct product = {.x0 = x0.data() + 1,
                                      .x1 = operands[1].data() + 1,
                                      .y0 = operands[2].data() + 1,
                                      .y1 = operands[3].data() + 1,
                                      .out = out,
                                      .words = words};
        operations[operation].first(product, next.schedule(), previous.schedule(), kCounter);
        for (std::size_t k = 0; k < words; ++k) {
          ASSERT_EQ(out[k], operations[operation].second(operands[0][k + 1], operands[1][k + 1],
                                                         operands[2][k + 1], operands[3][k + 1], n[k], p[k]))
              << k;
        }
        if (in_place) {
          EXPECT_EQ(x0[0], operands[0][0]);
        } else {
          EXPECT_EQ(separate.front(), 0xcccc);
          EXPECT_EQ(separate.back(), 0xcccc);
        }
      }
    }
  }
}

TEST_P(EveryLevel, BorrowMaskedIsItsDefinition) {
  using Word = std::uint64_t;
  const AesKey next(kNextKey, kernels()), previous(kPreviousKey, kernels());
  std::mt19937_64 random(3);
  std::vector<std::size_t> sizes;
  for (std::size_t words = 0; words <= 140; ++words) sizes.push_back(words);
  for (const std::size_t words : {511, 512, 513, 1025, 4080}) sizes.push_back(words);
  for (const std::size_t words : sizes) {
    SCOPED_TRACE(testing::Message() << words << " words");
    const std::vector<Word> n = ExpectedWords(kNextKey, words), p = ExpectedWords(kPreviousKey, words);
    // a, b, c of both parts, the product and what was received, each with a word before and after that stays.
    std::vector<std::vector<Word>> before(8, std::vector<Word>(words + 2));
    for (auto& operand : before) std::ranges::generate(operand, std::ref(random));
    std::vector<std::vector<Word>> now = before;
    const Word not0 = random(), not1 = random();
    // Groups of b in any order, some of them many times.
    const std::size_t groups = (words + BorrowStep::kGroup - 1) / BorrowStep::kGroup;
    for (const unsigned part : {2u, 3u}) {
      before[part].resize(groups * BorrowStep::kGroup + 2);
      std::ranges::generate(before[part], std::ref(random));
      now[part] = before[part];
    }
    std::vector<std::uint16_t> b_groups(groups);
    for (std::uint16_t& group : b_groups) group = static_cast<std::uint16_t>(random() % groups);
    kernels().borrow_masked({.a0 = now[0].data() + 1,
                             .a1 = now[1].data() + 1,
                             .b0 = now[2].data() + 1,
                             .b1 = now[3].data() + 1,
                             .b_groups = b_groups.data(),
                             .not0 = not0,
                             .not1 = not1,
                             .c0 = now[4].data() + 1,
                             .c1 = now[5].data() + 1,
                             .product = now[6].data() + 1,
                             .received = now[7].data() + 1,
                             .words = words},
                            next.schedule(), previous.schedule(), kCounter);
    for (std::size_t k = 1; k <= words; ++k) {
      const Word c0 = before[4][k] ^ before[6][k], c1 = before[5][k] ^ before[7][k];
      const Word x0 = before[0][k] ^ not0 ^ c0, x1 = before[1][k] ^ not1 ^ c1;
      const std::size_t b = b_groups[(k - 1) / BorrowStep::kGroup] * BorrowStep::kGroup + (k - 1) % BorrowStep::kGroup;
      const Word y0 = before[2][b + 1] ^ c0, y1 = before[3][b + 1] ^ c1;
      before[4][k] = c0;
      before[5][k] = c1;
      before[6][k] = (x0 & (y0 ^ y1)) ^ (x1 & y0) ^ n[k - 1] ^ p[k - 1];
    }
    ASSERT_EQ(now, before);
  }
}

TEST_P(EveryLevel, RowsToPlanesIsATranspose) {
  std::mt19937_64 random(4);
  std::vector<std::uint64_t> rows(Kernels::kRowsAtOnce);
  std::ranges::generate(rows, std::ref(random));
  for (unsigned planes = 0; planes <= 64; ++planes) {
    constexpr std::size_t kStride = 11;
    std::vector<std::uint64_t> out(64 * kStride, 0xcccc);
    kernels().rows_to_planes(rows.data(), planes, out.data(), kStride);
    for (unsigned p = 0; p < 64; ++p) {
      for (std::size_t k = 0; k < kStride; ++k) {
        std::uint64_t expected = 0xcccc;
        if (p < planes && k < 8) {
          expected = 0;
          for (unsigned bit = 0; bit < 64; ++bit) expected |= (rows[64 * k + bit] >> p & 1) << bit;
        }
        ASSERT_EQ(out[p * kStride + k], expected) << planes << " planes, plane " << p;
      }
    }
  }
}

template <typename Item, typename Split>
void ExpectSplits(Split split) {
  std::mt19937_64 random(5);
  for (std::size_t count = 0; count <= 200; ++count) {
    for (const std::uint64_t dense : {std::uint64_t{0}, ~std::uint64_t{0}, std::uint64_t{0x5555}, random()}) {
      std::vector<std::uint64_t> bits(count / 64 + 1, dense);
      std::vector<Item> in(count), low, high;
      for (std::size_t i = 0; i < count; ++i) {
        in[i] = static_cast<Item>(random());
        (bits[i / 64] >> (i % 64) & 1 ? low : high).push_back(in[i]);
      }
      // In place, and to before it.
      for (const std::size_t before : {0, 3}) {
        std::vector<Item> rows(before + count + 1, 77), rest(count + Kernels::kSplitSlack);
        std::ranges::copy(in, rows.begin() + static_cast<std::ptrdiff_t>(before));
        split(rows.data() + before, bits.data(), count, rows.data(), rest.data());
        ASSERT_TRUE(std::ranges::equal(low, std::span(rows).first(low.size()))) << count;
        ASSERT_TRUE(std::ranges::equal(high, std::span(rest).first(high.size()))) << count;
        ASSERT_EQ(rows.back(), Item{77}) << count;
      }
    }
  }
}

TEST_P(EveryLevel, SplitsByBits) {
  ExpectSplits<std::uint64_t>(kernels().split_words);
  ExpectSplits<std::uint32_t>(kernels().split_numbers);
}

TEST_P(EveryLevel, XorWords) {
  std::mt19937_64 random(2);
  for (std::size_t words = 0; words <= 40; ++words) {
    std::vector<std::uint64_t> a(words + 1), b(words + 1), out(words + 2, 0xcccc);
    for (auto& word : a) word = random();
    for (auto& word : b) word = random();
    kernels().xor_words(a.data() + 1, b.data() + 1, 5, out.data() + 1, words);
    for (std::size_t k = 0; k < words; ++k) ASSERT_EQ(out[k + 1], a[k + 1] ^ b[k + 1] ^ 5);
    ASSERT_EQ(out.back(), 0xcccc);
    kernels().xor_words(a.data() + 1, nullptr, ~std::uint64_t{0}, out.data() + 1, words);
    for (std::size_t k = 0; k < words; ++k) ASSERT_EQ(out[k + 1], ~a[k + 1]);
    ASSERT_EQ(out.back(), 0xcccc);
  }
}

TEST_P(EveryLevel, TransposeMovesEachBit) {
  std::mt19937_64 generator(1);
  for (int trial = 0; trial < 20; ++trial) {
    std::uint64_t block[64], original[64], out[64];
    for (int r = 0; r < 64; ++r) original[r] = block[r] = trial == 0 ? std::uint64_t{1} << r : generator();
    kernels().transpose(original, out);
    kernels().transpose(block, block);
    for (int r = 0; r < 64; ++r) {
      ASSERT_EQ(out[r], block[r]);
      for (int c = 0; c < 64; ++c) ASSERT_EQ(out[c] >> r & 1, original[r] >> c & 1);
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Kernels, EveryLevel,
                         testing::Values(KernelLevel::kPortable, KernelLevel::kAvx2, KernelLevel::kAvx512));

TEST(Kernels, TheBestLevelIsOneThatThisProcessorHas) {
  const KernelLevel best = BestKernels().level;
  EXPECT_TRUE(HasKernels(best));
  for (const KernelLevel level : {KernelLevel::kPortable, KernelLevel::kAvx2, KernelLevel::kAvx512}) {
    if (HasKernels(level)) {
      EXPECT_GE(static_cast<int>(best), static_cast<int>(level));
    }
  }
}

}  // namespace
}  // namespace care::mpc
