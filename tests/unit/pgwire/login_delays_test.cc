// How long the verdict on a password waits. Time is a number here: each test says when it is.

#include "engine/frontend/pgwire/login_delays.h"

#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"

namespace care::engine::pgwire {
namespace {

using std::chrono::milliseconds;
using std::chrono::minutes;

const LoginDelays::Clock::time_point kNow{std::chrono::hours(1'000)};
const milliseconds kNone{0};

void Fail(LoginDelays& delays, int times, const std::string& user, const std::string& address) {
  for (int at = 0; at < times; ++at) delays.Failed(user, address, kNow);
}

TEST(LoginDelaysTest, GrowForTheUserWhoIsGuessedAtUpToABound) {
  LoginDelays delays;
  Fail(delays, 2, "anna", "192.0.2.1");
  EXPECT_EQ(delays.DelayOf("anna", "192.0.2.2", kNow), kNone);  // people mistype
  Fail(delays, 1, "anna", "192.0.2.1");
  milliseconds before = delays.DelayOf("anna", "192.0.2.2", kNow);
  EXPECT_GT(before, kNone);
  for (int at = 0; at < 5; ++at) {
    Fail(delays, 1, "anna", absl::StrCat("192.0.2.", at));
    const milliseconds after = delays.DelayOf("anna", "192.0.2.200", kNow);
    EXPECT_EQ(after, 2 * before);
    before = after;
  }
  EXPECT_EQ(before, kLongestLoginDelay);
  Fail(delays, 1'000, "anna", "192.0.2.1");
  EXPECT_EQ(delays.DelayOf("anna", "192.0.2.200", kNow), kLongestLoginDelay);
}

TEST(LoginDelaysTest, OthersLogInAtOnce) {
  LoginDelays delays;
  Fail(delays, 100, "anna", "192.0.2.1");
  EXPECT_EQ(delays.DelayOf("bert", "192.0.2.2", kNow), kNone);
  delays.Succeeded("bert");  // which does not help who guesses at anna's
  EXPECT_EQ(delays.DelayOf("anna", "192.0.2.2", kNow), kLongestLoginDelay);
}

TEST(LoginDelaysTest, GrowForTheNetworkWhomeverItGuessesAt) {
  LoginDelays delays;
  for (int at = 0; at < 20; ++at) Fail(delays, 1, absl::StrCat("user", at), "192.0.2.1");
  EXPECT_EQ(delays.DelayOf("bert", "192.0.2.1", kNow), kLongestLoginDelay);
  delays.Succeeded("bert");
  EXPECT_EQ(delays.DelayOf("bert", "192.0.2.1", kNow), kLongestLoginDelay);
  EXPECT_EQ(delays.DelayOf("bert", "192.0.2.2", kNow), kNone);
}

TEST(LoginDelaysTest, ANetworkOfIpv6IsOne) {
  LoginDelays delays;
  for (int at = 0; at < 20; ++at)
    Fail(delays, 1, absl::StrCat("user", at), absl::StrCat("2001:db8:0:1::", at));
  EXPECT_EQ(delays.DelayOf("bert", "2001:db8:0:1:ffff::1", kNow), kLongestLoginDelay);
  EXPECT_EQ(delays.DelayOf("bert", "2001:db8:0:2::1", kNow), kNone);
}

TEST(LoginDelaysTest, AreForgottenWithTime) {
  LoginDelays delays;
  Fail(delays, 100, "anna", "192.0.2.1");
  EXPECT_EQ(delays.DelayOf("anna", "192.0.2.1", kNow + minutes(60)), kNone);
  delays.Succeeded("anna");
  EXPECT_EQ(delays.DelayOf("anna", "192.0.2.2", kNow), kNone);
}

// Names that are guessed at once make room, not the one that is guessed at in earnest.
TEST(LoginDelaysTest, ManyNamesNeitherGrowTheTableNorPushOutWhoIsGuessedAt) {
  LoginDelays delays;
  Fail(delays, 10, "anna", "192.0.2.1");
  for (int at = 0; at < 10'000; ++at) delays.Failed(absl::StrCat("user", at), "192.0.2.2", kNow);
  EXPECT_EQ(delays.DelayOf("anna", "192.0.2.3", kNow), kLongestLoginDelay);
  Fail(delays, 10, std::string(5'000, 'x'), "192.0.2.4");  // nobody has such a name: kept as none
  EXPECT_EQ(delays.DelayOf("Another That Nobody Has", "192.0.2.3", kNow), kLongestLoginDelay);
}

}  // namespace
}  // namespace care::engine::pgwire
