// Connections of nobody in particular: they hold little, for a limited time, and keep nobody out.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <future>
#include <string>
#include <thread>

#include "tests/unit/net/tcp_relay.h"
#include "tests/unit/net/tls_ends.h"

namespace care::mpc {
namespace {

using ::testing::HasSubstr;

class StrangersTest : public TlsEnds {
 protected:
  void Serve(ListenLimits limits, TlsTimeouts timeouts = {}) {
    server_ = std::make_unique<Server>(server_io_, certificates_.Identity("insurer"), timeouts, limits);
  }
  void ExpectServes() {
    auto channel = TlsChannel::Connect(client_io_, certificates_.Identity("hospital"), {"insurer", server_->address(), ""});
    ASSERT_TRUE(channel.ok()) << channel.status();
    ASSERT_TRUE((*channel)->Send(Bytes(3)).ok());
    Bytes bytes(3);
    EXPECT_TRUE(server_->Next()->Receive(bytes).ok());
  }
};

// They open connections and say nothing, or a byte at a time: more than may shake hands at once.
TEST_F(StrangersTest, SilentOnesGiveWay) {
  Serve({.handshakes = 8, .handshakes_per_second = 1000});
  std::vector<int> silent;
  for (int i = 0; i < 30; ++i) {
    silent.push_back(ConnectTo(PortOf(server_->address())));
    (void)send(silent.back(), "\x16", 1, MSG_NOSIGNAL);
  }
  ExpectServes();
  // The node closed all but the last few.
  char byte;
  EXPECT_LE(recv(silent.front(), &byte, 1, 0), 0);
  for (const int handle : silent) close(handle);
}

TEST_F(StrangersTest, SilentOnesHaveALimitedTime) {
  TlsTimeouts timeouts;
  timeouts.connect = std::chrono::milliseconds(100);
  Serve({}, timeouts);
  const int silent = ConnectTo(PortOf(server_->address()));
  EXPECT_THAT(std::string(server_->NextRefusal().message()), HasSubstr("did not answer within 100 ms"));
  close(silent);
}

// A session goes on while strangers come without pause.
TEST_F(StrangersTest, AFloodDoesNotStarveASession) {
  Serve({.handshakes = 8, .handshakes_per_second = 100});
  client_end_ = TlsChannel::Connect(client_io_, certificates_.Identity("hospital"), {"insurer", server_->address(), ""})
                    .value();
  server_end_ = server_->Next();
  std::atomic<bool> over{false};
  std::thread flood([&] {
    while (!over) {
      const int handle = ConnectTo(PortOf(server_->address()));
      (void)send(handle, "\x16\x03\x01", 3, MSG_NOSIGNAL);
      close(handle);
    }
  });
  for (int round = 0; round < 200; ++round) {
    Bytes bytes(1000);
    ASSERT_TRUE(client_end_->Send(bytes).ok());
    ASSERT_TRUE(server_end_->Receive(bytes).ok());
  }
  over = true;
  flood.join();
}

// A connection that was accepted keeps no more unread than the listener says.
TEST_F(StrangersTest, UnreadOfAConnectionThatSaidNothingYet) {
  Serve({.unread = 10'000});
  client_end_ = TlsChannel::Connect(client_io_, certificates_.Identity("hospital"), {"insurer", server_->address(), ""})
                    .value();
  server_end_ = server_->Next();
  ASSERT_TRUE(client_end_->Send(Bytes(9'000)).ok());
  Bytes bytes(9'000);
  EXPECT_TRUE(server_end_->Receive(bytes).ok());
  ASSERT_TRUE(client_end_->Send(Bytes(11'000)).ok());
  const absl::Status told = client_end_->Receive(bytes);
  EXPECT_EQ(told.code(), absl::StatusCode::kDataLoss);
  EXPECT_THAT(std::string(told.message()), HasSubstr("out of step with hospital"));
  EXPECT_EQ(server_end_->Receive(bytes).code(), absl::StatusCode::kDataLoss);
}

// A reset in mid-handshake: the listener says so and goes on.
TEST_F(StrangersTest, ResetInTheMiddle) {
  Serve({});
  const int handle = ConnectTo(PortOf(server_->address()));
  // The head of a record of 512 bytes, of which none come.
  (void)send(handle, "\x16\x03\x01\x02\x00\x01", 6, MSG_NOSIGNAL);
  const linger reset{1, 0};
  setsockopt(handle, SOL_SOCKET, SO_LINGER, &reset, sizeof reset);
  close(handle);
  EXPECT_FALSE(server_->NextRefusal().ok());
  ExpectServes();
}

// An HTTP client, for instance, learns nothing and holds nothing.
TEST_F(StrangersTest, AnotherProtocol) {
  Serve({});
  const int handle = ConnectTo(PortOf(server_->address()));
  (void)send(handle, "GET / HTTP/1.1\r\n\r\n", 18, MSG_NOSIGNAL);
  EXPECT_THAT(std::string(server_->NextRefusal().message()), HasSubstr("the TLS handshake failed"));
  close(handle);
  ExpectServes();
}

TEST_F(StrangersTest, IPv6) {
  std::promise<std::unique_ptr<TlsChannel>> accepted;
  auto listener = TlsListener::Listen(server_io_, certificates_.Identity("insurer"), "[::]:0", {},
                                      {[&accepted](std::unique_ptr<TlsChannel> channel) {
                                         accepted.set_value(std::move(channel));
                                       },
                                       {}});
  if (!listener.ok()) GTEST_SKIP() << "no IPv6 here: " << listener.status();
  auto channel = TlsChannel::Connect(client_io_, certificates_.Identity("hospital"),
                                     {"insurer", absl::StrCat("[::1]:", (*listener)->port()), ""});
  if (!channel.ok()) GTEST_SKIP() << "no IPv6 here: " << channel.status();
  EXPECT_THAT((*channel)->remote_address(), HasSubstr("[::1]:"));
  accepted.get_future().get();
  // IPv4 comes in through the same port.
  const int four = ConnectTo((*listener)->port());
  EXPECT_GE(four, 0);
  close(four);
}

}  // namespace
}  // namespace care::mpc
