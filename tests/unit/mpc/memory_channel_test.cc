// Each promise of channel.h, one test a promise, over memory; then the recording and the faulty link.

#include "mpc/net/memory_channel.h"

#include <thread>

#include "gtest/gtest.h"
#include "mpc/net/faulty_channel.h"
#include "mpc/net/recording_channel.h"

namespace care::mpc {
namespace {

using Bytes = std::vector<std::uint8_t>;

TEST(MemoryChannel, DeliversInOrderAndMeters) {
  auto [a, b] = MakeMemoryChannelPair();
  ASSERT_TRUE(a->Send(Bytes{1, 2, 3}).ok());
  ASSERT_TRUE(a->Send(Bytes{}).ok());
  ASSERT_TRUE(a->Send(Bytes{4}).ok());
  Bytes three(3), none, one(1);
  ASSERT_TRUE(b->Receive(three).ok());
  ASSERT_TRUE(b->Receive(none).ok());
  ASSERT_TRUE(b->Receive(one).ok());
  EXPECT_EQ(three, (Bytes{1, 2, 3}));
  EXPECT_EQ(one, Bytes{4});
  EXPECT_EQ(a->meter().bytes_sent, 4);
  EXPECT_EQ(a->meter().messages_sent, 3);
  EXPECT_EQ(b->meter().bytes_received, 4);
  EXPECT_EQ(b->meter().messages_received, 3);
  EXPECT_EQ(a->meter().bytes_received, 0);
}

TEST(MemoryChannel, OtherSizeIsDataLossForGood) {
  auto [a, b] = MakeMemoryChannelPair();
  ASSERT_TRUE(a->Send(Bytes{1, 2}).ok());
  ASSERT_TRUE(a->Send(Bytes{1}).ok());
  Bytes one(1);
  EXPECT_EQ(b->Receive(one).code(), absl::StatusCode::kDataLoss);
  EXPECT_EQ(b->Receive(one).code(), absl::StatusCode::kDataLoss);
  EXPECT_EQ(b->Send(one).code(), absl::StatusCode::kDataLoss);
}

TEST(MemoryChannel, ReceiveMessageObeysItsLimit) {
  auto [a, b] = MakeMemoryChannelPair();
  ASSERT_TRUE(a->Send(Bytes(5)).ok());
  ASSERT_TRUE(a->Send(Bytes(6)).ok());
  EXPECT_EQ(b->ReceiveMessage(5)->size(), 5);
  EXPECT_EQ(b->ReceiveMessage(5).status().code(), absl::StatusCode::kDataLoss);
}

TEST(MemoryChannel, DeadlineEndsAWait) {
  auto [a, b] = MakeMemoryChannelPair({.deadline = std::chrono::milliseconds(20), .byte_budget = 4});
  Bytes one(1);
  EXPECT_EQ(b->Receive(one).code(), absl::StatusCode::kDeadlineExceeded);
  ASSERT_TRUE(a->Send(Bytes(9)).ok());  // one message may exceed the budget
  EXPECT_EQ(a->Send(Bytes(1)).code(), absl::StatusCode::kDeadlineExceeded);
}

TEST(MemoryChannel, SendWaitsForRoom) {
  auto [a, b] = MakeMemoryChannelPair({.byte_budget = 4});
  std::thread sender([&a = a] {
    for (int i = 0; i < 100; ++i) ASSERT_TRUE(a->Send(Bytes(3, static_cast<std::uint8_t>(i))).ok());
  });
  Bytes three(3);
  for (int i = 0; i < 100; ++i) {
    ASSERT_TRUE(b->Receive(three).ok());
    EXPECT_EQ(three[0], i);
  }
  sender.join();
}

TEST(MemoryChannel, AbortWakesThePeerWithTheReason) {
  auto [a, b] = MakeMemoryChannelPair();
  std::thread aborter([&a = a] { a->Abort(absl::CancelledError("the analyst changed her mind")); });
  Bytes one(1);
  const absl::Status seen = b->Receive(one);
  aborter.join();
  EXPECT_EQ(seen, absl::CancelledError("the analyst changed her mind"));
  EXPECT_EQ(b->Send(one), seen);
  EXPECT_EQ(a->Receive(one), seen);
}

TEST(MemoryChannel, AClosedEndDeliversWhatItSent) {
  auto [a, b] = MakeMemoryChannelPair();
  ASSERT_TRUE(a->Send(Bytes{7}).ok());
  a.reset();
  Bytes one(1);
  EXPECT_TRUE(b->Receive(one).ok());
  EXPECT_EQ(b->Receive(one).code(), absl::StatusCode::kUnavailable);
}

TEST(RecordingChannel, RecordsSizesAndKeepsWhatArrived) {
  auto [a, b] = MakeMemoryChannelPair();
  RecordingChannel recording(*b, 4);
  ASSERT_TRUE(a->Send(Bytes{1, 2, 3}).ok());
  ASSERT_TRUE(a->Send(Bytes{4, 5, 6}).ok());
  Bytes three(3);
  ASSERT_TRUE(recording.Receive(three).ok());
  ASSERT_TRUE(recording.Send(Bytes(9)).ok());
  ASSERT_TRUE(recording.ReceiveMessage(10).ok());
  using enum MessageRecord::Direction;
  EXPECT_EQ(recording.records(), (std::vector<MessageRecord>{{kReceived, 3}, {kSent, 9}, {kReceived, 3}}));
  EXPECT_EQ(recording.received(), (Bytes{1, 2, 3, 4}));
}

TEST(FaultyChannel, CutsAfterSoManyMessages) {
  auto [a, b] = MakeMemoryChannelPair();
  FaultyChannel faulty(*a, {.kind = FaultPlan::Kind::kCut, .after_messages = 1});
  Bytes one(1);
  ASSERT_TRUE(faulty.Send(one).ok());
  ASSERT_TRUE(b->Receive(one).ok());
  EXPECT_EQ(faulty.Send(one).code(), absl::StatusCode::kUnavailable);
  EXPECT_EQ(faulty.Receive(one).code(), absl::StatusCode::kUnavailable);
  EXPECT_EQ(b->Receive(one).code(), absl::StatusCode::kUnavailable);
}

TEST(FaultyChannel, SilenceRunsIntoTheDeadline) {
  auto [a, b] = MakeMemoryChannelPair({.deadline = std::chrono::milliseconds(20)});
  FaultyChannel faulty(*a, {.kind = FaultPlan::Kind::kSilence});
  Bytes one(1);
  EXPECT_TRUE(faulty.Send(one).ok());
  EXPECT_EQ(b->Receive(one).code(), absl::StatusCode::kDeadlineExceeded);
}

TEST(FaultyChannel, TruncationIsNoticed) {
  auto [a, b] = MakeMemoryChannelPair();
  FaultyChannel faulty(*a, {.kind = FaultPlan::Kind::kTruncate, .after_messages = 1});
  Bytes two(2);
  ASSERT_TRUE(faulty.Send(two).ok());
  ASSERT_TRUE(faulty.Send(two).ok());
  EXPECT_TRUE(b->Receive(two).ok());
  EXPECT_EQ(b->Receive(two).code(), absl::StatusCode::kDataLoss);
}

}  // namespace
}  // namespace care::mpc
