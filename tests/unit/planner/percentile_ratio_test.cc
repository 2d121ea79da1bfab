// Which fractions of PERCENTILE_DISC are exact whatever PostgreSQL's rounding of their product with the number of rows.
#include "planner/physical/percentile_ratio.h"

#include "gtest/gtest.h"

namespace care::planner {
namespace {

TEST(PercentileRatio, IsReduced) {
  const auto ratio = RatioOfPercentile(Decimal{250, 3}, 1000);
  ASSERT_TRUE(ratio.ok());
  EXPECT_EQ(ratio->p, 1u);
  EXPECT_EQ(ratio->q, 4u);
}

TEST(PercentileRatio, NoPartIsTheFirstRow) {
  const auto ratio = RatioOfPercentile(Decimal{0, 1}, 7);
  ASSERT_TRUE(ratio.ok());
  EXPECT_EQ(ratio->p, 1u);
  EXPECT_EQ(ratio->q, 8u);
}

// 0.55 * 20 is 11.000000000000002 in double precision, whose ceiling is 12.
TEST(PercentileRatio, RefusesWhatPostgresMayRound) {
  EXPECT_TRUE(RatioOfPercentile(Decimal{55, 2}, 19).ok());
  EXPECT_FALSE(RatioOfPercentile(Decimal{55, 2}, 20).ok());
  EXPECT_FALSE(RatioOfPercentile(Decimal{1, 16}, 10).ok());
  EXPECT_FALSE(RatioOfPercentile(Decimal{2, 0}, 10).ok());
}

}  // namespace
}  // namespace care::planner
