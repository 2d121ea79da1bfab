// Connections that say nothing cost a node little: no thread, a limited number, a limited time, and queries go on
// beside them.

#include "engine/session/unheard_connections.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <iterator>

#include "tests/unit/session/scripted_federation.h"

namespace care::engine {
namespace {

using ::testing::HasSubstr;

std::ptrdiff_t Threads() {
  return std::distance(std::filesystem::directory_iterator("/proc/self/task"), std::filesystem::directory_iterator());
}

class UnheardConnectionsTest : public NodeTest {
 protected:
  // The last one has been accepted by the node when the next is refused.
  std::vector<std::unique_ptr<mpc::TlsChannel>> Open(const std::string& name, std::size_t count) {
    std::vector<std::unique_ptr<mpc::TlsChannel>> channels;
    for (std::size_t i = 0; i < count; ++i) channels.push_back(ConnectAs(name, 0));
    return channels;
  }
};

TEST_F(UnheardConnectionsTest, IdleOnesTakeNoThreadAndDisturbNobody) {
  ExpectServes();
  const std::ptrdiff_t before = Threads();
  const auto analysts = Open("analyst@hospital", 20);
  const auto strangers = Open("somebody", 32);
  const auto one_more = Open("somebody", 1);
  EXPECT_EQ(Await(*one_more[0]).status.code(), absl::StatusCode::kResourceExhausted);
  EXPECT_LE(Threads(), before);
  ExpectServes();
  // Those that waited are served when they speak.
  Request(*analysts[7], "ok");
  EXPECT_TRUE(Await(*analysts[7]).answer.has_value());
}

TEST_F(UnheardConnectionsTest, SilenceIsToldAndEnds) {
  nodes_[0].reset();
  options_.timeouts.agreement = std::chrono::milliseconds(100);
  ASSERT_TRUE(StartNode(0).ok());
  auto silent = ConnectAs("analyst@hospital", 0);
  const Reply reply = Await(*silent);
  EXPECT_EQ(reply.status.code(), absl::StatusCode::kDeadlineExceeded);
  EXPECT_THAT(std::string(reply.status.message()), HasSubstr("said nothing"));
}

TEST_F(UnheardConnectionsTest, ANodeThatStopsTellsThem) {
  const auto silent = Open("analyst@hospital", 3);
  Request(*silent[2], "ok");
  ASSERT_TRUE(Await(*silent[2]).answer.has_value());
  nodes_[0].reset();
  EXPECT_THAT(std::string(Await(*silent[0]).status.message()), HasSubstr("shutting down"));
}

}  // namespace
}  // namespace care::engine
