// Purpose: an emulated link delivers each message when the formula in its header says so, and is a Channel
// otherwise. Method: over memory channels with a clock of the test's own that only sleeping moves, so the
// times are exact.
#include "mpc/net/emulated_link.h"

#include <gtest/gtest.h>

#include "mpc/net/memory_channel.h"

namespace care::mpc {
namespace {

using Bytes = std::vector<std::uint8_t>;
using std::chrono::microseconds;
using std::chrono::milliseconds;
using std::chrono::seconds;

class TestClock final : public LinkClock {
 public:
  Nanoseconds Now() override { return now_; }
  void SleepUntil(Nanoseconds time) override { now_ = std::max(now_, time); }

 private:
  Nanoseconds now_{seconds(1000)};
};

// Both ends of one link in one thread: what one sends, the other may receive at once.
struct Link {
  explicit Link(EmulatedSpeed speed)
      : pair(MakeMemoryChannelPair()),
        up_a(speed, clock),
        up_b(speed, clock),
        a(*pair.first, up_a),
        b(*pair.second, up_b) {}

  TestClock clock;
  const LinkClock::Nanoseconds start = clock.Now();
  std::pair<std::unique_ptr<Channel>, std::unique_ptr<Channel>> pair;
  EmulatedUplink up_a;
  EmulatedUplink up_b;
  EmulatedChannel a;
  EmulatedChannel b;
  LinkClock::Nanoseconds Passed() { return clock.Now() - start; }
};

constexpr EmulatedSpeed kWide{milliseconds(50), 0};
constexpr EmulatedSpeed kNarrow{milliseconds(50), 100};  // 12,500 bytes a millisecond

TEST(EmulatedLink, AMessageArrivesOneLatencyAfterItWasSent) {
  Link link(kWide);
  ASSERT_TRUE(link.a.Send(Bytes(1'000'000, 7)).ok());
  EXPECT_EQ(link.Passed(), seconds(0));
  Bytes message(1'000'000);
  ASSERT_TRUE(link.b.Receive(message).ok());
  EXPECT_EQ(message, Bytes(1'000'000, 7));
  EXPECT_EQ(link.Passed(), milliseconds(50));
}

TEST(EmulatedLink, WhoSendsFirstAndThenReceivesTakesOneLatencyARound) {
  Link link(kWide);
  Bytes one(1);
  for (int round = 1; round <= 3; ++round) {
    ASSERT_TRUE(link.a.Send(one).ok() && link.b.Send(one).ok());
    ASSERT_TRUE(link.a.Receive(one).ok() && link.b.Receive(one).ok());
    EXPECT_EQ(link.Passed(), round * milliseconds(50));
  }
}

TEST(EmulatedLink, MessagesQueueForTheBandwidth) {
  Link link(kNarrow);
  ASSERT_TRUE(link.a.Send(Bytes(125'000)).ok());
  ASSERT_TRUE(link.a.Send(Bytes(12'500)).ok());
  Bytes first(125'000), second(12'500);
  ASSERT_TRUE(link.b.Receive(first).ok());
  EXPECT_EQ(link.Passed(), milliseconds(10 + 50));
  ASSERT_TRUE(link.b.Receive(second).ok());
  EXPECT_EQ(link.Passed(), milliseconds(11 + 50));
  // The wire was idle meanwhile: nothing is owed.
  ASSERT_TRUE(link.a.Send(second).ok());
  ASSERT_TRUE(link.b.Receive(second).ok());
  EXPECT_EQ(link.Passed(), milliseconds(61 + 1 + 50));
}

TEST(EmulatedLink, BothLinksOfAPartyShareItsUplinkAndDirectionsDoNot) {
  TestClock clock;
  const auto start = clock.Now();
  auto with_b = MakeMemoryChannelPair();
  auto with_c = MakeMemoryChannelPair();
  EmulatedUplink up_a(kNarrow, clock), up_b(kNarrow, clock), up_c(kNarrow, clock);
  EmulatedChannel a_to_b(*with_b.first, up_a), b_to_a(*with_b.second, up_b);
  EmulatedChannel a_to_c(*with_c.first, up_a), c_to_a(*with_c.second, up_c);
  Bytes message(125'000);
  ASSERT_TRUE(a_to_b.Send(message).ok() && a_to_c.Send(message).ok() && b_to_a.Send(message).ok());
  ASSERT_TRUE(b_to_a.Receive(message).ok());
  EXPECT_EQ(clock.Now() - start, milliseconds(10 + 50));
  ASSERT_TRUE(a_to_b.Receive(message).ok());
  EXPECT_EQ(clock.Now() - start, milliseconds(10 + 50));
  ASSERT_TRUE(c_to_a.Receive(message).ok());
  EXPECT_EQ(clock.Now() - start, milliseconds(20 + 50));
}

TEST(EmulatedLink, SendBlocksWhileTheUplinkIsFarBehind) {
  Link full({milliseconds(0), 8});  // a byte a microsecond
  Bytes message(1 << 20);
  for (int i = 0; i < 17; ++i) {
    EXPECT_EQ(full.Passed(), seconds(0));
    ASSERT_TRUE(full.a.Send(message).ok());
    ASSERT_TRUE(full.pair.second->ReceiveMessage(8).ok());  // taken, but not waited for
    ASSERT_TRUE(full.pair.second->Receive(message).ok());
  }
  ASSERT_TRUE(full.a.Send(Bytes(1)).ok());
  EXPECT_EQ(full.Passed(), microseconds(1 << 20));
}

TEST(EmulatedLink, MetersAndErrorsAreAChannels) {
  Link link(kNarrow);
  ASSERT_TRUE(link.a.Send(Bytes(10)).ok());
  ASSERT_TRUE(link.a.Send(Bytes{}).ok());
  ASSERT_TRUE(link.b.ReceiveMessage(10).ok());
  Bytes none;
  ASSERT_TRUE(link.b.Receive(none).ok());
  EXPECT_EQ(link.a.meter().bytes_sent, 10u);
  EXPECT_EQ(link.a.meter().messages_sent, 2u);
  EXPECT_EQ(link.b.meter().bytes_received, 10u);
  EXPECT_EQ(link.b.meter().messages_received, 2u);
  link.a.Abort(absl::CancelledError("enough"));
  EXPECT_EQ(link.b.Receive(none).code(), absl::StatusCode::kCancelled);
  EXPECT_EQ(link.b.Send(none).code(), absl::StatusCode::kCancelled);
}

}  // namespace
}  // namespace care::mpc
