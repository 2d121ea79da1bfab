// Packing against a bit-by-bit reading, at every width and sizes around the word.
#include "mpc/share/packed_words.h"

#include <random>
#include <vector>

#include "gtest/gtest.h"

namespace care::mpc {
namespace {

TEST(PackedWords, EveryWidthThereAndBack) {
  std::mt19937_64 random(1);
  for (unsigned width = 1; width <= 128; ++width) {
    const std::size_t words = width > 64 ? 2 : 1;
    for (const std::size_t count : {0, 1, 2, 63, 64, 65, 130}) {
      SCOPED_TRACE(testing::Message() << count << " of " << width);
      std::vector<std::uint64_t> values(count * words);
      for (std::uint64_t& value : values) value = random();
      std::vector<std::uint64_t> packed(PackedWordCount(count, width), ~std::uint64_t{0});
      EXPECT_EQ(packed.size(), (count * width + 63) / 64);
      PackWords(values, width, packed);
      for (std::size_t bit = 0; bit < 64 * packed.size(); ++bit) {
        const std::size_t word = bit / width * words + bit % width / 64;
        const bool expected = bit < count * width && (values[word] >> bit % width % 64 & 1) != 0;
        ASSERT_EQ((packed[bit / 64] >> bit % 64 & 1) != 0, expected) << bit;
      }
      std::vector<std::uint64_t> back(count * words, ~std::uint64_t{0});
      UnpackWords(packed, width, back);
      for (std::size_t i = 0; i < back.size(); ++i) {
        const unsigned bits = width % 64 == 0 || i % words + 1 < words ? 64 : width % 64;
        ASSERT_EQ(back[i], values[i] & ~std::uint64_t{0} >> (64 - bits));
      }
    }
  }
}

}  // namespace
}  // namespace care::mpc
