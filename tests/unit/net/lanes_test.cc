// Several streams over one link: each in order, whatever the others do, and all ended by one failure.
#include "mpc/net/lanes.h"

#include <gtest/gtest.h>

#include <atomic>
#include <random>
#include <string>
#include <thread>

#include "mpc/net/memory_channel.h"

namespace care::mpc {
namespace {

using Bytes = std::vector<std::uint8_t>;

Bytes Pattern(unsigned lane, unsigned number, std::size_t size) {
  Bytes bytes(size);
  for (std::size_t i = 0; i < size; ++i) bytes[i] = static_cast<std::uint8_t>(31 * lane + 7 * number + i);
  return bytes;
}

struct Pair {
  std::pair<std::unique_ptr<Channel>, std::unique_ptr<Channel>> link = MakeMemoryChannelPair();
  Lanes left{*link.first, 3}, right{*link.second, 3};
};

TEST(Lanes, EachIsInOrderAndWaitsForNoOther) {
  Pair pair;
  for (const unsigned lane : {2u, 0u, 2u, 1u}) ASSERT_TRUE(pair.left.lane(lane).Send(Pattern(lane, lane, 100 + lane)).ok());
  Bytes first(101), second(100), third(102);
  ASSERT_TRUE(pair.right.lane(1).Receive(first).ok());
  EXPECT_EQ(first, Pattern(1, 1, 101));
  ASSERT_TRUE(pair.right.lane(0).Receive(second).ok());
  EXPECT_EQ(second, Pattern(0, 0, 100));
  for (int i = 0; i < 2; ++i) {
    ASSERT_TRUE(pair.right.lane(2).Receive(third).ok());
    EXPECT_EQ(third, Pattern(2, 2, 102));
  }
  EXPECT_EQ(pair.left.lane(2).meter().bytes_sent, 204u);
  EXPECT_EQ(pair.right.lane(2).meter().bytes_received, 204u);
  EXPECT_EQ(pair.right.lane(2).meter().messages_received, 2u);
}

TEST(Lanes, CarryManyMessagesOfManyThreadsBothWays) {
  Pair pair;
  constexpr unsigned kMessages = 2'000;
  std::atomic<unsigned> wrong = 0;
  std::vector<std::thread> threads;
  for (Lanes* side : {&pair.left, &pair.right}) {
    for (unsigned lane = 0; lane < 3; ++lane) {
      threads.emplace_back([&, side, lane] {
        std::minstd_rand sizes(lane + 1);  // the same at both sides
        for (unsigned number = 0; number < kMessages; ++number) {
          const std::size_t size = sizes() % 3'000;
          if (!side->lane(lane).Send(Pattern(lane, number, size)).ok()) ++wrong;
          Bytes received(size);
          if (!side->lane(lane).Receive(received).ok() || received != Pattern(lane, number, size)) ++wrong;
        }
      });
    }
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(wrong, 0u);
}

TEST(Lanes, AllFailWhenOneGivesUp) {
  Pair pair;
  std::vector<std::thread> threads;
  std::array<absl::Status, 2> statuses;
  for (unsigned lane = 0; lane < 2; ++lane) {
    threads.emplace_back([&, lane] {
      Bytes never(1);
      statuses[lane] = pair.right.lane(lane).Receive(never);
    });
  }
  pair.left.lane(2).Abort(absl::ResourceExhaustedError("too many rows"));
  for (std::thread& thread : threads) thread.join();
  for (const absl::Status& status : statuses) EXPECT_EQ(status.code(), absl::StatusCode::kResourceExhausted) << status;
}

TEST(Lanes, RefuseAMessageOfAnotherSizeOrOfNoLane) {
  {
    Pair pair;
    ASSERT_TRUE(pair.left.lane(0).Send(Bytes(5)).ok());
    Bytes four(4);
    EXPECT_EQ(pair.right.lane(0).Receive(four).code(), absl::StatusCode::kDataLoss);
  }
  for (const Bytes& bytes : {Bytes{}, Bytes{3}, Bytes{255, 1}}) {
    Pair pair;
    ASSERT_TRUE(pair.link.first->Send(bytes).ok());
    Bytes one(1);
    EXPECT_EQ(pair.right.lane(0).Receive(one).code(), absl::StatusCode::kDataLoss);
    EXPECT_EQ(pair.right.lane(1).ReceiveMessage(10).status().code(), absl::StatusCode::kDataLoss);
  }
}

}  // namespace
}  // namespace care::mpc
