// The line that joint queries stand in: turns go round between askers, positions are told, the line is bounded,
// and whoever leaves it, in whatever way, holds up nobody. Threads stand in line one after the other; each says
// that it does by its first notice, so no test depends on time.

#include "engine/session/joint_queue.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <future>
#include <thread>

#include "absl/strings/str_cat.h"

namespace care::engine {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

const auto kGoesOn = [] { return absl::OkStatus(); };
const auto kSaysNothing = [](std::size_t) { return absl::OkStatus(); };

class JointQueueTest : public ::testing::Test {
 protected:
  ~JointQueueTest() override {
    for (std::thread& thread : threads_) thread.join();
  }

  // Stands in line and, when its turn comes, writes its name down and leaves.
  std::size_t StandInLine(const std::string& asker, const std::string& name,
                          std::function<absl::Status()> cancelled = kGoesOn) {
    auto ahead = std::make_shared<std::promise<std::size_t>>();
    auto told = ahead->get_future();
    threads_.emplace_back([this, asker, name, cancelled = std::move(cancelled), ahead] {
      bool first = true;
      auto place = queue_.Enter(asker, cancelled, [&](std::size_t count) {
        if (first) ahead->set_value(count);
        first = false;
        return absl::OkStatus();
      });
      std::lock_guard lock(mutex_);
      served_.push_back(place.ok() ? name : absl::StrCat(name, " failed"));
    });
    return told.get();
  }

  void JoinAll() {
    for (std::thread& thread : threads_) thread.join();
    threads_.clear();
  }

  JointQueue queue_;
  std::mutex mutex_;
  std::vector<std::string> served_;
  std::vector<std::thread> threads_;
};

TEST_F(JointQueueTest, AskersTakeTurns) {
  auto busy = queue_.Enter("busy", kGoesOn, kSaysNothing).value();
  EXPECT_EQ(StandInLine("ann", "ann 1"), 1u);
  EXPECT_EQ(StandInLine("ann", "ann 2"), 2u);
  EXPECT_EQ(StandInLine("ann", "ann 3"), 3u);
  EXPECT_EQ(StandInLine("bob", "bob 1"), 2u);  // before Ann's second
  EXPECT_EQ(StandInLine("bob", "bob 2"), 4u);
  EXPECT_EQ(StandInLine("cas", "cas 1"), 3u);
  EXPECT_EQ(queue_.waiting(), 6u);
  busy = {};
  JoinAll();
  EXPECT_THAT(served_, ElementsAre("ann 1", "bob 1", "cas 1", "ann 2", "bob 2", "ann 3"));
}

TEST_F(JointQueueTest, NobodyIsAheadOfWhoeverComesToAnEmptyLine) {
  bool told = false;
  {
    auto place = queue_.Enter("ann", kGoesOn, [&](std::size_t) {
      told = true;
      return absl::OkStatus();
    });
    ASSERT_TRUE(place.ok());
    EXPECT_TRUE(place->held());
  }
  EXPECT_TRUE(queue_.Enter("bob", kGoesOn, kSaysNothing).ok());
  EXPECT_FALSE(told);
}

TEST_F(JointQueueTest, TheLineIsBounded) {
  queue_.LimitTo(2);
  auto busy = queue_.Enter("busy", kGoesOn, kSaysNothing).value();
  StandInLine("ann", "ann 1");
  StandInLine("ann", "ann 2");
  const auto refused = queue_.Enter("bob", kGoesOn, kSaysNothing);
  EXPECT_EQ(refused.status().code(), absl::StatusCode::kResourceExhausted);
  EXPECT_THAT(std::string(refused.status().message()),
              HasSubstr("2 queries wait already and at most 2 may; this one would be number 3"));
  busy = {};
  JoinAll();
  EXPECT_TRUE(queue_.Enter("bob", kGoesOn, kSaysNothing).ok());
}

TEST_F(JointQueueTest, WhoeverCancelsLeavesTheLine) {
  auto busy = queue_.Enter("busy", kGoesOn, kSaysNothing).value();
  std::atomic<bool> cancelled = false;
  StandInLine("ann", "ann 1", [&] { return cancelled ? absl::CancelledError("left") : absl::OkStatus(); });
  EXPECT_EQ(StandInLine("bob", "bob 1"), 2u);
  cancelled = true;
  queue_.Wake();
  threads_.front().join();
  threads_.erase(threads_.begin());
  EXPECT_EQ(queue_.waiting(), 1u);
  busy = {};
  JoinAll();
  EXPECT_THAT(served_, ElementsAre("ann 1 failed", "bob 1"));
}

TEST_F(JointQueueTest, AnAskerWhoCannotBeToldLeavesTheLine) {
  auto busy = queue_.Enter("busy", kGoesOn, kSaysNothing).value();
  const auto gone = queue_.Enter("ann", kGoesOn, [](std::size_t) { return absl::UnavailableError("gone"); });
  EXPECT_EQ(gone.status().code(), absl::StatusCode::kUnavailable);
  EXPECT_EQ(queue_.waiting(), 0u);
}

TEST_F(JointQueueTest, AClosedLineSendsEverybodyAwayButWhoeverIsServed) {
  auto busy = queue_.Enter("busy", kGoesOn, kSaysNothing).value();
  StandInLine("ann", "ann 1");
  queue_.Close(absl::UnavailableError("stopping"));
  JoinAll();
  EXPECT_THAT(served_, ElementsAre("ann 1 failed"));
  EXPECT_EQ(queue_.Enter("bob", kGoesOn, kSaysNothing).status().message(), "stopping");
  EXPECT_TRUE(busy.held());
}

}  // namespace
}  // namespace care::engine
