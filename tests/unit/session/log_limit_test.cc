// Lines that strangers cause: some a minute are logged, the others are counted. Time is a number here.

#include "engine/session/log_limit.h"

#include <gtest/gtest.h>

namespace care::engine {
namespace {

TEST(LogLimitTest, LogsSomeAMinuteAndCountsTheOthers) {
  const LogLimit::Clock::time_point now{std::chrono::hours(1)};
  LogLimit limit;
  int logged = 0;
  for (int at = 0; at < 1'000; ++at) logged += limit.Allow(now + std::chrono::milliseconds(at)) == 0u ? 1 : 0;
  EXPECT_EQ(logged, 20);
  EXPECT_EQ(limit.Allow(now + std::chrono::seconds(61)), 980u);
  EXPECT_EQ(limit.Allow(now + std::chrono::seconds(62)), 0u);
  EXPECT_EQ(LeftOut(980), " (and 980 more that were not logged)");
  EXPECT_EQ(LeftOut(0), "");
}

}  // namespace
}  // namespace care::engine
