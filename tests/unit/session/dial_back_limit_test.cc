// How often a party may have this node dial it back. Time is a number here.

#include "engine/session/dial_back_limit.h"

#include <gtest/gtest.h>

namespace care::engine {
namespace {

TEST(DialBackLimitTest, OneAtATimeAndSomeAMinuteForEachParty) {
  const DialBackLimit::Clock::time_point now{std::chrono::hours(1)};
  DialBackLimit limit;
  EXPECT_TRUE(limit.Begin("insurer", now).ok());
  EXPECT_EQ(limit.Begin("insurer", now).code(), absl::StatusCode::kResourceExhausted);
  EXPECT_TRUE(limit.Begin("bureau", now).ok());  // another party's is its own
  limit.End("insurer");
  int dialled = 1;
  while (dialled < 100 && limit.Begin("insurer", now).ok()) {
    limit.End("insurer");
    ++dialled;
  }
  EXPECT_EQ(dialled, 10);
  EXPECT_FALSE(limit.Begin("insurer", now + std::chrono::seconds(59)).ok());
  EXPECT_TRUE(limit.Begin("insurer", now + std::chrono::seconds(60)).ok());
}

}  // namespace
}  // namespace care::engine
