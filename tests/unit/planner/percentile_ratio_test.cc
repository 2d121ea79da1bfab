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

// 0.28 * 25 is 7.000000000000001 in double precision, whose ceiling is 8.
TEST(PercentileRatio, RefusesWhatPostgresMayRound) {
  EXPECT_TRUE(RatioOfPercentile(Decimal{28, 2}, 24).ok());
  EXPECT_FALSE(RatioOfPercentile(Decimal{28, 2}, 25).ok());
  EXPECT_FALSE(RatioOfPercentile(Decimal{1, 16}, 10).ok());
  EXPECT_FALSE(RatioOfPercentile(Decimal{2, 0}, 10).ok());
}

}  // namespace
}  // namespace care::planner
