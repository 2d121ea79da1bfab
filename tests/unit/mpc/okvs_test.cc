#include "mpc/protocol/replicated3/okvs.h"

#include <cstring>
#include <random>
#include <string>

#include "gtest/gtest.h"

namespace care::mpc {
namespace {

std::vector<OkvsQuery> RandomQueries(std::mt19937_64& random, std::size_t count) {
  std::vector<OkvsQuery> queries(count);
  for (OkvsQuery& query : queries) {
    const std::uint64_t words[2] = {random(), random()};
    std::memcpy(query.data(), words, query.size());
  }
  return queries;
}

std::vector<std::uint64_t> RandomWords(std::mt19937_64& random, std::size_t count) {
  std::vector<std::uint64_t> words(count);
  for (std::uint64_t& word : words) word = random();
  return words;
}

// Encodes and expects every member to read its own value.
void ExpectExact(std::mt19937_64& random, const OkvsLayout& layout, const OkvsRecord& record,
                 std::size_t keys) {
  const std::vector<OkvsQuery> queries = RandomQueries(random, keys);
  const std::vector<std::uint64_t> values = RandomWords(random, keys * record.words());
  const auto cells = OkvsEncode(layout, record, queries, values);
  ASSERT_TRUE(cells.ok()) << cells.status();
  ASSERT_EQ(cells->size(), layout.cells() * record.words());
  EXPECT_EQ(OkvsDecode(layout, record, *cells, queries), values);
}

TEST(OkvsLayout, GrowsWithTheBoundInIntegers) {
  const OkvsLayout none = OkvsLayout::For(0);
  EXPECT_EQ(none.buckets, 1u);
  EXPECT_EQ(none.third, 43u);                  // ceil(128 / 3)
  EXPECT_EQ(OkvsLayout::For(100).third, 86u);  // ceil((130 + 128) / 3)
  EXPECT_EQ(OkvsLayout::For(1 << 14).buckets, 1u);
  EXPECT_EQ(OkvsLayout::For((1 << 14) + 1).buckets, 2u);
  const OkvsLayout million = OkvsLayout::For(1 << 20);
  EXPECT_EQ(million.buckets, 64u);
  EXPECT_EQ(million.bucket_capacity, (1u << 14) + 9 * (1u << 7));
  EXPECT_LT(million.cells(), 1.41 * (1 << 20));
}

TEST(Okvs, MembersReadTheirValuesWhateverTheRecord) {
  std::mt19937_64 random(1);
  for (unsigned xor_words = 1; xor_words <= 3; ++xor_words) {
    for (unsigned ring_words = 0; ring_words <= 4; ++ring_words) {
      SCOPED_TRACE(std::to_string(xor_words) + " + " + std::to_string(ring_words));
      ExpectExact(random, OkvsLayout::For(777), {xor_words, ring_words}, 777);
    }
  }
}

TEST(Okvs, FewerKeysThanTheBoundAndNoneAtAll) {
  std::mt19937_64 random(2);
  for (const std::size_t keys : {0, 1, 2, 999}) ExpectExact(random, OkvsLayout::For(1000), {1, 1}, keys);
  ExpectExact(random, OkvsLayout::For(0), {1, 1}, 0);
}

TEST(Okvs, ManyBuckets) {
  std::mt19937_64 random(3);
  ExpectExact(random, OkvsLayout::For(100000), {1, 1}, 100000);
  ExpectExact(random, OkvsLayout::For(100000), {2, 2}, 60000);
}

TEST(Okvs, SmallSizesNeverFail) {
  std::mt19937_64 random(4);
  std::size_t cores = 0;
  constexpr std::size_t kSizes[] = {1, 2, 50, 100, 200, 500, 2000};
  constexpr std::size_t kTrials[] = {4000, 4000, 4000, 3000, 3000, 1500, 500};
  for (std::size_t s = 0; s < std::size(kSizes); ++s) {
    const OkvsLayout layout = OkvsLayout::For(kSizes[s]);
    for (std::size_t trial = 0; trial < kTrials[s]; ++trial) {
      const std::vector<OkvsQuery> queries = RandomQueries(random, kSizes[s]);
      const std::vector<std::uint64_t> values = RandomWords(random, 2 * kSizes[s]);
      const auto cells = OkvsEncode(layout, {1, 1}, queries, values);
      ASSERT_TRUE(cells.ok()) << kSizes[s] << " keys, trial " << trial;
      ASSERT_EQ(OkvsDecode(layout, {1, 1}, *cells, queries), values);
      if (trial < 100) cores += OkvsCoreSize(layout, queries) > 0;
    }
  }
  RecordProperty("encodings_with_a_core_among_700", static_cast<int>(cores));
}

// Too few sparse cells, so that peeling stops at once and the elimination solves nearly everything.
TEST(Okvs, CoresAreEliminatedOverTheirOwnCellsToo) {
  std::mt19937_64 random(5);
  std::size_t largest = 0;
  for (int trial = 0; trial < 40; ++trial) {
    OkvsLayout layout;
    layout.bucket_capacity = 200;
    layout.third = 66;  // 198 sparse cells and 48 dense for 200 keys
    const std::vector<OkvsQuery> queries = RandomQueries(random, 200);
    const std::size_t core = OkvsCoreSize(layout, queries);
    largest = std::max(largest, core);
    const std::vector<std::uint64_t> values = RandomWords(random, 200 * 5);
    const auto cells = OkvsEncode(layout, {2, 3}, queries, values);
    ASSERT_TRUE(cells.ok()) << "core of " << core;
    EXPECT_EQ(OkvsDecode(layout, {2, 3}, *cells, queries), values);
  }
  EXPECT_GT(largest, 48u);
}

TEST(Okvs, SmallCoresAreEliminated) {
  std::mt19937_64 random(6);
  std::size_t small_cores = 0;
  for (int trial = 0; trial < 200; ++trial) {
    OkvsLayout layout;
    layout.bucket_capacity = 20;
    layout.third = 7;
    const std::vector<OkvsQuery> queries = RandomQueries(random, 20);
    const std::size_t core = OkvsCoreSize(layout, queries);
    small_cores += core > 0 && core <= 48;
    const std::vector<std::uint64_t> values = RandomWords(random, 20 * 2);
    const auto cells = OkvsEncode(layout, {1, 1}, queries, values);
    ASSERT_TRUE(cells.ok()) << "core of " << core;
    EXPECT_EQ(OkvsDecode(layout, {1, 1}, *cells, queries), values);
  }
  EXPECT_GT(small_cores, 50u);
}

TEST(Okvs, NoSolutionIsAnErrorAndNotAWrongTable) {
  std::mt19937_64 random(7);
  OkvsLayout crowded;
  crowded.bucket_capacity = 200;
  crowded.third = 30;  // 138 cells for 200 keys
  const auto queries = RandomQueries(random, 200);
  EXPECT_EQ(OkvsEncode(crowded, {1, 0}, queries, RandomWords(random, 200)).status().code(),
            absl::StatusCode::kInternal);
  auto repeated = RandomQueries(random, 10);
  repeated[7] = repeated[3];
  EXPECT_EQ(OkvsEncode(OkvsLayout::For(10), {1, 0}, repeated, RandomWords(random, 10)).status().code(),
            absl::StatusCode::kInternal);
  EXPECT_EQ(OkvsEncode(OkvsLayout::For(10), {1, 0}, RandomQueries(random, 11), RandomWords(random, 11))
                .status()
                .code(),
            absl::StatusCode::kInternal);
}

TEST(Okvs, TwoEncodingsOfOneTableDifferAndStrangersReadNoise) {
  std::mt19937_64 random(8);
  const OkvsLayout layout = OkvsLayout::For(300);
  const auto queries = RandomQueries(random, 300);
  const std::vector<std::uint64_t> zeroes(600, 0);
  const auto first = OkvsEncode(layout, {1, 1}, queries, zeroes);
  const auto second = OkvsEncode(layout, {1, 1}, queries, zeroes);
  ASSERT_TRUE(first.ok() && second.ok());
  EXPECT_NE(*first, *second);
  std::size_t zero_reads = 0;
  for (const std::uint64_t word : OkvsDecode(layout, {1, 1}, *first, RandomQueries(random, 5000))) {
    zero_reads += word == 0;
  }
  EXPECT_EQ(zero_reads, 0u);
}

}  // namespace
}  // namespace care::mpc
