// What tls_channel.h promises of slow links and slow peers: memory is bounded at both ends, nobody is taken for dead who
// still moves, whoever really stands still is, and both may send first. Method: budgets made small, and a relay between
// the ends that passes 1 Mbit/s or nothing.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <future>
#include <thread>

#include "tests/unit/net/tcp_relay.h"
#include "tests/unit/net/tls_ends.h"

namespace care::mpc {
namespace {

using ::testing::HasSubstr;

constexpr std::size_t kPiece = std::size_t{256} << 10;
constexpr std::size_t kSendBudget = std::size_t{16} << 20;
constexpr std::size_t kMegabit = 125'000;  // bytes

class SlowLinkTest : public TlsEnds {
 protected:
  void ConnectThrough(std::size_t bytes_per_second, TlsTimeouts timeouts = {}) {
    server_ = std::make_unique<Server>(server_io_, certificates_.Identity("insurer"), timeouts);
    relay_ = std::make_unique<TcpRelay>(
        TcpRelay::Options{bytes_per_second, [port = PortOf(server_->address())](int) { return ConnectTo(port); }});
    client_end_ = TlsChannel::Connect(client_io_, certificates_.Identity("hospital"),
                                      {"insurer", relay_->address(), "is its node running?"}, timeouts)
                      .value();
    server_end_ = server_->Next();
  }
  ~SlowLinkTest() override {
    client_end_.reset();
    server_end_.reset();
  }

  std::unique_ptr<TcpRelay> relay_;
};

// The peer's program takes nothing: its end keeps what it may, this end queues what it may, then Send gives up.
TEST_F(SlowLinkTest, AReaderThatStops) {
  TlsTimeouts timeouts;
  timeouts.receive = std::chrono::milliseconds(1000);
  ConnectBoth(timeouts);
  constexpr std::size_t kUnread = std::size_t{4} << 20;
  server_end_->LimitUnread(kUnread);
  const Bytes piece = Noise(kPiece, 1);
  std::size_t sent = 0;
  absl::Status status;
  while ((status = client_end_->Send(piece)).ok()) {
    sent += kPiece;
    ASSERT_LT(sent, std::size_t{512} << 20);
  }
  EXPECT_EQ(status.code(), absl::StatusCode::kDeadlineExceeded);
  EXPECT_THAT(std::string(status.message()), HasSubstr("insurer does not take what it is sent"));
  EXPECT_GE(sent, kSendBudget + kUnread);
  // Besides the two budgets: what the kernel keeps for both ends of a connection.
  EXPECT_LE(sent, kSendBudget + kUnread + (std::size_t{32} << 20));
  // It takes up reading again, and nothing is missing.
  for (std::size_t received = 0; received < sent; received += kPiece) {
    Bytes bytes(kPiece);
    ASSERT_TRUE(server_end_->Receive(bytes).ok());
    ASSERT_TRUE(bytes == piece);
  }
}

// A message in parts that is larger than what is left beside unread messages arrives all the same.
TEST_F(SlowLinkTest, ALargeMessageBehindUnreadOnes) {
  ConnectBoth();
  constexpr std::size_t kLarge = std::size_t{40} << 20;
  server_end_->LimitUnread(kLarge);
  std::thread sender([this] {
    for (int i = 0; i < 30; ++i) ASSERT_TRUE(client_end_->Send(Bytes(std::size_t{1} << 20)).ok());
    ASSERT_TRUE(client_end_->Send(Noise(kLarge, 5)).ok());
  });
  for (int i = 0; i < 30; ++i) {
    Bytes bytes(std::size_t{1} << 20);
    ASSERT_TRUE(server_end_->Receive(bytes).ok());
  }
  Bytes large(kLarge);
  EXPECT_TRUE(server_end_->Receive(large).ok());
  EXPECT_TRUE(large == Noise(kLarge, 5));
  sender.join();
}

// Each block takes as long as the idle limit, and both ends send first.
TEST_F(SlowLinkTest, OneMegabitIsNotDeath) {
  TlsTimeouts timeouts;
  timeouts.idle = std::chrono::milliseconds(2000);
  ConnectThrough(kMegabit, timeouts);
  const auto exchange = [](TlsChannel& channel, unsigned own, unsigned peer) {
    ASSERT_TRUE(channel.Send(Noise(kPiece, own)).ok());
    ASSERT_TRUE(channel.Send(Noise(kPiece, own + 1)).ok());
    Bytes bytes(kPiece);
    ASSERT_TRUE(channel.Receive(bytes).ok());
    EXPECT_TRUE(bytes == Noise(kPiece, peer));
    ASSERT_TRUE(channel.Receive(bytes).ok());
    EXPECT_TRUE(bytes == Noise(kPiece, peer + 1));
  };
  std::thread other([&] { exchange(*server_end_, 20, 10); });
  exchange(*client_end_, 10, 20);
  other.join();
}

// Closing does not cut off what is still queued for a slow peer.
TEST_F(SlowLinkTest, LastWordsOverOneMegabit) {
  ConnectThrough(kMegabit);
  const Bytes last = Noise(6 * kPiece, 4);  // longer under way than any one wait of a closing link
  ASSERT_TRUE(client_end_->Send(last).ok());
  client_end_.reset();
  Bytes bytes(last.size());
  const absl::Status status = server_end_->Receive(bytes);
  ASSERT_TRUE(status.ok()) << status;
  EXPECT_TRUE(bytes == last);
}

TEST_F(SlowLinkTest, ALinkThatStandsStill) {
  TlsTimeouts timeouts;
  timeouts.idle = std::chrono::milliseconds(600);
  ConnectThrough(0, timeouts);
  relay_->Stall();
  Bytes bytes(1);
  const absl::Status status = client_end_->Receive(bytes);
  EXPECT_EQ(status.code(), absl::StatusCode::kUnavailable);
  EXPECT_THAT(std::string(status.message()), HasSubstr("no sign of life from insurer"));
}

TEST_F(SlowLinkTest, ALinkThatIsCut) {
  ConnectThrough(0);
  relay_->Cut();
  Bytes bytes(1);
  EXPECT_EQ(client_end_->Receive(bytes).code(), absl::StatusCode::kUnavailable);
  EXPECT_EQ(server_end_->Receive(bytes).code(), absl::StatusCode::kUnavailable);
}

// The end of an idle wait, whichever comes: a message, an abort, a goodbye, the limit; once each.
TEST_F(SlowLinkTest, AwaitMessage) {
  ConnectBoth();
  const auto await = [](TlsChannel& channel, std::chrono::milliseconds limit) {
    auto told = std::make_shared<std::promise<absl::Status>>();
    channel.AwaitMessage(limit, [told](const absl::Status& status) { told->set_value(status); });
    return told->get_future();
  };
  auto message = await(*server_end_, std::chrono::milliseconds(0));
  ASSERT_TRUE(client_end_->Send(Bytes(3)).ok());
  EXPECT_TRUE(message.get().ok());
  EXPECT_TRUE(await(*server_end_, std::chrono::milliseconds(0)).get().ok());  // it still waits to be taken
  Bytes bytes(3);
  ASSERT_TRUE(server_end_->Receive(bytes).ok());
  EXPECT_EQ(await(*server_end_, std::chrono::milliseconds(10)).get().code(), absl::StatusCode::kDeadlineExceeded);
  auto cancelled = await(*server_end_, std::chrono::milliseconds(0));
  server_end_->AwaitMessage({}, nullptr);
  auto goodbye = await(*server_end_, std::chrono::milliseconds(60'000));
  client_end_.reset();
  EXPECT_EQ(goodbye.get().code(), absl::StatusCode::kUnavailable);
  EXPECT_EQ(await(*server_end_, std::chrono::milliseconds(0)).get().code(), absl::StatusCode::kUnavailable);
  EXPECT_THROW(cancelled.get(), std::future_error);  // its promise went away untouched
}

}  // namespace
}  // namespace care::mpc
