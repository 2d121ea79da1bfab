// The doorkeeper lets through what the plan lists and ends the process at anything else.

#include "mpc/protocol/disclosure_guard.h"

#include "gtest/gtest.h"

namespace care::mpc {
namespace {

const Disclosure kSurvivors{
    .id = 4, .what = "survivors", .recipient = kNoParty, .max_values = 10, .rule = "gate"};
const Disclosure kTotals{.id = 2, .what = "totals", .recipient = 1, .max_values = 5, .rule = "gate"};

TEST(DisclosureGuard, CountsWhatItLetsThrough) {
  DisclosureGuard guard({kSurvivors, kTotals});
  EXPECT_TRUE(guard.opened().empty());
  guard.Open(kSurvivors, 6);
  guard.Open(kTotals, 5);
  guard.Open(kSurvivors, 4);
  EXPECT_EQ(guard.opened(), (std::vector<OpenedCount>{{2, 5}, {4, 10}}));
}

TEST(DisclosureGuardDeathTest, EndsTheProcessAtAnythingElse) {
  DisclosureGuard guard({kSurvivors});
  guard.Open(kSurvivors, 6);
  EXPECT_DEATH(guard.Open(kTotals, 1), "check failed");
  EXPECT_DEATH(guard.Open(kSurvivors, 5), "check failed");
  EXPECT_DEATH(guard.Open(kSurvivors, UINT64_MAX), "check failed");
  Disclosure other_recipient = kSurvivors;
  other_recipient.recipient = 2;
  EXPECT_DEATH(guard.Open(other_recipient, 1), "check failed");
  EXPECT_DEATH(DisclosureGuard({kTotals, kTotals}), "check failed");
}

}  // namespace
}  // namespace care::mpc
