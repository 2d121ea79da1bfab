// What is credited to which node: a meter that is moved by hand.
#include "engine/exec/node_meter.h"

#include <gtest/gtest.h>

namespace care::engine {
namespace {

TEST(NodeMeter, CreditsWhatMovesToTheNodeThatRuns) {
  mpc::Cost moved{50, 5};  // keys were made before
  NodeMeter meter(4, [&] { return moved; });
  moved += {1, 1};
  meter.Begin(1);
  moved += {100, 2};
  meter.Begin(3);
  moved += {10, 0};
  EXPECT_TRUE(meter.Apart([&] {
    moved += {7000, 7};
    return absl::OkStatus();
  }).ok());
  moved += {20, 1};
  meter.End();
  moved += {8000, 8};
  meter.End();
  EXPECT_EQ(meter.nodes(), (std::vector<mpc::Cost>{{}, {100, 2}, {}, {30, 1}}));
}

TEST(NodeMeter, HandsOnWhatFailed) {
  NodeMeter meter(1, [] { return mpc::Cost{}; });
  EXPECT_TRUE(absl::IsUnavailable(meter.Apart([] { return absl::UnavailableError("a party is gone"); })));
}

}  // namespace
}  // namespace care::engine
