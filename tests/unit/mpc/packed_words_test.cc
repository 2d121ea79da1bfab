// Packing against a bit-by-bit reading, at every width and sizes around the word.
#include "mpc/share/packed_words.h"

#include <random>
#include <vector>

#include "gtest/gtest.h"

namespace care::mpc {
namespace {

TEST(PackedWords, EveryWidthThereAndBack) {
  std::mt19937_64 random(1);
  for (unsigned width = 1; width <= 64; ++width) {
    for (const std::size_t count : {0, 1, 2, 63, 64, 65, 130}) {
      SCOPED_TRACE(testing::Message() << count << " of " << width);
      std::vector<std::uint64_t> values(count);
      for (std::uint64_t& value : values) value = random();
      std::vector<std::uint64_t> packed(PackedWordCount(count, width), ~std::uint64_t{0});
      EXPECT_EQ(packed.size(), (count * width + 63) / 64);
      PackWords(values, width, packed);
      for (std::size_t bit = 0; bit < 64 * packed.size(); ++bit) {
        const bool expected = bit < count * width && (values[bit / width] >> bit % width & 1) != 0;
        ASSERT_EQ((packed[bit / 64] >> bit % 64 & 1) != 0, expected) << bit;
      }
      std::vector<std::uint64_t> back(count, ~std::uint64_t{0});
      UnpackWords(packed, width, back);
      for (std::size_t i = 0; i < count; ++i) {
        ASSERT_EQ(back[i], width == 64 ? values[i] : values[i] & ((std::uint64_t{1} << width) - 1));
      }
    }
  }
}

}  // namespace
}  // namespace care::mpc
