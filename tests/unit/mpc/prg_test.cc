// The counter layout against AES by hand, agreement of whole and piecewise drawing, and the reuse check.

#include "mpc/random/prg.h"

#include <openssl/evp.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <memory>

#include "gtest/gtest.h"
#include "mpc/random/key_derivation.h"
#include "mpc/random/permutation.h"

namespace care::mpc {
namespace {

std::array<std::uint8_t, 16> Key() { return {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16}; }

TEST(Prg, CounterBlockIsOperationStreamChunkBlock) {
  Prg prg(Key());
  std::array<std::uint8_t, 32> drawn;
  prg.Fill(0x01020304, 0x05, 0x06070809, drawn);
  std::array<std::uint8_t, 32> counters{};
  const std::array<std::uint8_t, 9> head = {1, 2, 3, 4, 5, 6, 7, 8, 9};
  std::copy(head.begin(), head.end(), counters.begin());
  std::copy(head.begin(), head.end(), counters.begin() + 16);
  counters[31] = 1;
  std::unique_ptr<EVP_CIPHER_CTX, decltype(&EVP_CIPHER_CTX_free)> context(EVP_CIPHER_CTX_new(),
                                                                          &EVP_CIPHER_CTX_free);
  std::array<std::uint8_t, 48> expected;
  int written = 0;
  ASSERT_EQ(EVP_EncryptInit_ex(context.get(), EVP_aes_128_ecb(), nullptr, Key().data(), nullptr), 1);
  ASSERT_EQ(EVP_EncryptUpdate(context.get(), expected.data(), &written, counters.data(), 32), 1);
  EXPECT_TRUE(std::equal(drawn.begin(), drawn.end(), expected.begin()));
}

TEST(Prg, PiecesEqualTheWhole) {
  std::vector<std::uint64_t> whole(3 * Prg::kChunkWords + 5), pieces(whole.size());
  Prg(Key()).FillWords(7, 1, 0, whole);
  Prg prg(Key());
  prg.FillWords(7, 1, 0, std::span(pieces).first(2 * Prg::kChunkWords));
  prg.FillWords(7, 1, 2 * Prg::kChunkWords, std::span(pieces).subspan(2 * Prg::kChunkWords));
  EXPECT_EQ(whole, pieces);
}

TEST(Prg, EveryCoordinateChangesTheStream) {
  Prg prg(Key());
  std::set<std::vector<std::uint8_t>> drawn;
  for (const auto& [operation, stream, chunk] :
       std::vector<std::tuple<int, int, int>>{{0, 0, 0}, {1, 0, 0}, {0, 1, 0}, {0, 0, 1}}) {
    std::vector<std::uint8_t> bytes(16);
    prg.Fill(operation, static_cast<std::uint8_t>(stream), chunk, bytes);
    drawn.insert(bytes);
  }
  EXPECT_EQ(drawn.size(), 4);
}

TEST(PrgDeathTest, ReuseEndsTheProcess) {
  Prg prg(Key(), /*detect_reuse=*/true);
  std::vector<std::uint8_t> bytes(16);
  prg.Fill(3, 0, 0, bytes);
  prg.Fill(3, 1, 0, bytes);
  EXPECT_DEATH(prg.Fill(3, 0, 0, bytes), "check failed");
}

TEST(Permutation, EqualKeysDrawEqualPermutations) {
  Prg a(Key()), b(Key());
  const std::vector<std::uint32_t> drawn = UniformPermutation(a, 9, 1, 10000);
  EXPECT_EQ(drawn, UniformPermutation(b, 9, 1, 10000));
  std::vector<std::uint32_t> sorted = drawn;
  std::sort(sorted.begin(), sorted.end());
  for (std::uint32_t i = 0; i < sorted.size(); ++i) ASSERT_EQ(sorted[i], i);
  // Long ones are made in buckets.
  for (const std::size_t size : {std::size_t{65'536}, std::size_t{65'537}, std::size_t{300'001}}) {
    std::vector<std::uint32_t> long_one = UniformPermutation(a, static_cast<std::uint32_t>(size), 1, size);
    EXPECT_EQ(long_one, UniformPermutation(b, static_cast<std::uint32_t>(size), 1, size));
    // A row is as likely in front as behind: within six deviations.
    double in_front = 0;
    for (std::size_t i = 0; i < size / 2; ++i) in_front += long_one[i] < size / 2 ? 1 : 0;
    EXPECT_NEAR(in_front, static_cast<double>(size) / 4, 3 * std::sqrt(static_cast<double>(size)));
    std::ranges::sort(long_one);
    for (std::size_t i = 0; i < size; ++i) ASSERT_EQ(long_one[i], i);
  }
  EXPECT_TRUE(UniformPermutation(a, 10, 1, 0).empty());
  EXPECT_EQ(UniformPermutation(a, 11, 1, 1), std::vector<std::uint32_t>{0});
}

// All 24 orders of 4 rows, 24,000 draws: chi-square with 23 degrees of freedom stays below 64 but rarely.
TEST(Permutation, IsUniform) {
  Prg prg(Key());
  std::map<std::vector<std::uint32_t>, double> counts;
  for (std::uint32_t operation = 0; operation < 24000; ++operation)
    ++counts[UniformPermutation(prg, operation, 0, 4)];
  ASSERT_EQ(counts.size(), 24);
  double statistic = 0;
  for (const auto& [order, count] : counts) statistic += (count - 1000) * (count - 1000) / 1000;
  EXPECT_LT(statistic, 64);
}

}  // namespace
}  // namespace care::mpc
