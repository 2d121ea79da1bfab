// Bounds that may be published: always beyond what was measured, always a round number, whatever was
// measured.

#include "engine/frontend/init/public_bounds.h"

#include <gtest/gtest.h>

#include <random>

#include "engine/types/date.h"

namespace care::engine {
namespace {

bool IsRung(std::int64_t value) {
  while (value >= 100 && value % 10 == 0) value /= 10;
  for (const std::int64_t rung : {1, 2, 3, 4, 6, 8, 10, 15, 20, 30, 40, 60, 80}) {
    if (value == rung) return true;
  }
  return false;
}

TEST(PublicBoundsTest, Ladder) {
  EXPECT_EQ(UpTheLadder(1), 1);
  EXPECT_EQ(UpTheLadder(5), 6);
  EXPECT_EQ(UpTheLadder(9), 10);
  EXPECT_EQ(UpTheLadder(11), 15);
  EXPECT_EQ(UpTheLadder(80), 80);
  EXPECT_EQ(UpTheLadder(81), 100);
  EXPECT_EQ(UpTheLadder(4'000'001), 6'000'000);
  EXPECT_EQ(UpTheLadder(INT64_MAX), std::nullopt);
}

TEST(PublicBoundsTest, CountsHaveRoomAndAreRungs) {
  EXPECT_EQ(PublicCount(0), 1'000u);
  EXPECT_EQ(PublicCount(3), 1'000u);
  EXPECT_EQ(PublicCount(4'000), 6'000u);
  std::mt19937_64 random(7);
  for (int i = 0; i < 1000; ++i) {
    const std::uint64_t measured = random() >> (20 + i % 40);
    const std::uint64_t bound = PublicCount(measured);
    EXPECT_GE(bound, measured + measured / 4) << measured;
    EXPECT_TRUE(IsRung(static_cast<std::int64_t>(bound))) << measured << " " << bound;
  }
}

TEST(PublicBoundsTest, RangesAreBeyondTheExtremes) {
  EXPECT_EQ(PublicRange(1901, 2019), (std::pair<std::int64_t, std::int64_t>(1900, 2030)));
  EXPECT_EQ(PublicRange(1900, 2020), (std::pair<std::int64_t, std::int64_t>(1890, 2040)));
  EXPECT_EQ(PublicRange(0, 1), (std::pair<std::int64_t, std::int64_t>(0, 10)));
  EXPECT_EQ(PublicRange(3, 97), (std::pair<std::int64_t, std::int64_t>(0, 150)));
  EXPECT_EQ(PublicRange(-5, -2), (std::pair<std::int64_t, std::int64_t>(-10, 0)));
  EXPECT_EQ(PublicRange(0, INT64_MAX), std::nullopt);
  EXPECT_EQ(PublicRange(INT64_MIN, 0), std::nullopt);
  std::mt19937_64 random(8);
  for (int i = 0; i < 1000; ++i) {
    const auto a = static_cast<std::int64_t>(random() >> (4 + i % 50)) -
                   static_cast<std::int64_t>(random() >> (4 + i % 50));
    const auto b = a + static_cast<std::int64_t>(random() >> (4 + i % 50));
    const auto range = PublicRange(a, b);
    if (!range.has_value()) continue;
    EXPECT_TRUE(range->first < a || (range->first == 0 && a >= 0)) << a;
    EXPECT_TRUE(range->second > b || (range->second == 0 && b <= 0)) << b;
  }
}

TEST(PublicBoundsTest, DatesAreWholeYears) {
  const auto [first, last] = PublicDates(ParseDate("2019-03-04").value(), ParseDate("2024-12-30").value());
  EXPECT_EQ(FormatDate(first), "2015-01-01");
  EXPECT_EQ(FormatDate(last), "2030-12-31");
  const auto [early, late] = PublicDates(ParseDate("2020-01-01").value(), ParseDate("2020-01-01").value());
  EXPECT_EQ(FormatDate(early), "2015-01-01");
  EXPECT_EQ(FormatDate(late), "2025-12-31");
}

}  // namespace
}  // namespace care::engine
