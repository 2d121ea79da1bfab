// What a session relies on: bytes arrive whole and in order, both sides may send first, peers are who their
// certificates say, and every way of failing ends in a named error in bounded time. Method: two ends in one
// process over loopback, with certificates made for the test.

#include "mpc/net/tls_channel.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <future>
#include <thread>

#include "absl/strings/str_cat.h"
#include "mpc/net/origin.h"
#include "tests/unit/net/temporary_certificates.h"
#include "tests/unit/net/tls_ends.h"

namespace care::mpc {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

class TlsChannelTest : public TlsEnds {};

TEST_F(TlsChannelTest, NamesTheParties) {
  ConnectBoth();
  EXPECT_EQ(client_end_->peer_name(), "insurer");
  EXPECT_EQ(server_end_->peer_name(), "hospital");
}

TEST_F(TlsChannelTest, KeepsOrderAndSizes) {
  ConnectBoth();
  for (std::size_t size : {0, 1, 5, 70000, 3}) {
    ASSERT_TRUE(client_end_->Send(Noise(size, static_cast<unsigned>(size))).ok());
  }
  for (std::size_t size : {0, 1, 5, 70000, 3}) {
    Bytes bytes(size);
    ASSERT_TRUE(server_end_->Receive(bytes).ok());
    EXPECT_EQ(bytes, Noise(size, static_cast<unsigned>(size)));
  }
  EXPECT_EQ(client_end_->meter().bytes_sent, 70009u);
  EXPECT_EQ(server_end_->meter().bytes_received, 70009u);
  EXPECT_EQ(server_end_->meter().messages_received, 5u);
}

TEST_F(TlsChannelTest, AMessageOfAnotherSizeIsLostStep) {
  ConnectBoth();
  ASSERT_TRUE(client_end_->Send(Bytes(7)).ok());
  Bytes bytes(8);
  EXPECT_EQ(server_end_->Receive(bytes).code(), absl::StatusCode::kDataLoss);
}

// 64 MB each way, in one message of several frames and in many small ones, and nobody receives before
// everything is sent.
TEST_F(TlsChannelTest, BothMaySendFirst) {
  ConnectBoth();
  constexpr std::size_t kBig = std::size_t{40} << 20;
  constexpr std::size_t kPiece = std::size_t{1} << 20;
  const auto exchange = [](TlsChannel& channel, unsigned own, unsigned peer) {
    ASSERT_TRUE(channel.Send(Noise(kBig, own)).ok());
    for (unsigned i = 0; i < 24; ++i) ASSERT_TRUE(channel.Send(Bytes(kPiece, static_cast<std::uint8_t>(own + i))).ok());
    Bytes big(kBig);
    ASSERT_TRUE(channel.Receive(big).ok());
    EXPECT_TRUE(big == Noise(kBig, peer));
    for (unsigned i = 0; i < 24; ++i) {
      Bytes piece(kPiece);
      ASSERT_TRUE(channel.Receive(piece).ok());
      EXPECT_TRUE(piece == Bytes(kPiece, static_cast<std::uint8_t>(peer + i)));
    }
  };
  std::thread other([&] { exchange(*server_end_, 2, 1); });
  exchange(*client_end_, 1, 2);
  other.join();
}

TEST_F(TlsChannelTest, AbortCarriesItsReasonAndItsParty) {
  ConnectBoth();
  ASSERT_TRUE(client_end_->Send(Bytes(100)).ok());
  client_end_->Abort(absl::ResourceExhaustedError("the ledger cannot be written"));
  absl::Status status;
  // The abort overtakes messages that were not asked for yet; until it arrives they can be read.
  for (int i = 0; i < 2 && status.ok(); ++i) {
    Bytes bytes(100);
    status = server_end_->Receive(bytes);
  }
  EXPECT_EQ(status.code(), absl::StatusCode::kResourceExhausted);
  EXPECT_EQ(status.message(), "hospital: the ledger cannot be written");
  EXPECT_EQ(OriginOf(status), "hospital");
  Bytes one(1);
  EXPECT_EQ(client_end_->Send(one).code(), absl::StatusCode::kResourceExhausted);
  EXPECT_EQ(server_end_->Send(one).code(), absl::StatusCode::kResourceExhausted);
}

TEST_F(TlsChannelTest, AbortPassedOnKeepsTheFirstName) {
  ConnectBoth();
  client_end_->Abort(WithOrigin(absl::UnavailableError("gone"), "bureau"));
  Bytes bytes(1);
  EXPECT_EQ(server_end_->Receive(bytes).message(), "bureau: gone");
}

TEST_F(TlsChannelTest, AbortWakesItsOwnReceiver) {
  ConnectBoth();
  std::thread other([&] { client_end_->Abort(absl::CancelledError("stop")); });
  Bytes bytes(1);
  EXPECT_EQ(client_end_->Receive(bytes).code(), absl::StatusCode::kCancelled);
  other.join();
}

TEST_F(TlsChannelTest, LastWordsArriveBeforeTheGoodbye) {
  ConnectBoth();
  const Bytes last = Noise(std::size_t{20} << 20, 9);
  ASSERT_TRUE(client_end_->Send(last).ok());
  client_end_.reset();
  Bytes bytes(last.size());
  ASSERT_TRUE(server_end_->Receive(bytes).ok());
  EXPECT_TRUE(bytes == last);
  Bytes more(1);
  EXPECT_EQ(server_end_->Receive(more).code(), absl::StatusCode::kUnavailable);
}

TEST_F(TlsChannelTest, DeadlineOfReceive) {
  TlsTimeouts timeouts;
  timeouts.receive = std::chrono::milliseconds(50);
  ConnectBoth(timeouts);
  Bytes bytes(1);
  EXPECT_EQ(client_end_->Receive(bytes).code(), absl::StatusCode::kDeadlineExceeded);
}

// Heartbeats keep a silent link alive for many times its idle limit; a peer without them is given up.
TEST_F(TlsChannelTest, SilenceIsNotDeath) {
  TlsTimeouts timeouts;
  timeouts.idle = std::chrono::milliseconds(300);
  timeouts.receive = std::chrono::milliseconds(1500);
  ConnectBoth(timeouts);
  Bytes bytes(1);
  EXPECT_EQ(client_end_->Receive(bytes).code(), absl::StatusCode::kDeadlineExceeded);

  TlsTimeouts mute = timeouts;
  mute.idle = std::chrono::hours(1);  // sends its first heartbeat in twenty minutes
  Server server(server_io_, certificates_.Identity("bureau"), mute);
  auto channel = TlsChannel::Connect(client_io_, certificates_.Identity("hospital"),
                                     {"bureau", server.address(), "is its node running?"}, timeouts)
                     .value();
  auto end = server.Next();
  const absl::Status status = channel->Receive(bytes);
  EXPECT_EQ(status.code(), absl::StatusCode::kUnavailable);
  EXPECT_THAT(std::string(status.message()), AllOf(HasSubstr("bureau"), HasSubstr("is its node running?")));
}

TEST_F(TlsChannelTest, NobodyListens) {
  const auto channel = TlsChannel::Connect(client_io_, certificates_.Identity("hospital"),
                                           {"insurer", "127.0.0.1:1", "is its node running? care serve insurer.toml"});
  EXPECT_EQ(channel.status().code(), absl::StatusCode::kUnavailable);
  EXPECT_THAT(std::string(channel.status().message()),
              AllOf(HasSubstr("insurer cannot be reached at 127.0.0.1:1"), HasSubstr("care serve insurer.toml")));
}

// A listening socket that never speaks TLS: the kernel accepts, nobody answers.
TEST_F(TlsChannelTest, AMuteServer) {
  const int listening = socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof(address);
  ASSERT_EQ(bind(listening, reinterpret_cast<sockaddr*>(&address), size), 0);
  ASSERT_EQ(listen(listening, 1), 0);
  ASSERT_EQ(getsockname(listening, reinterpret_cast<sockaddr*>(&address), &size), 0);
  TlsTimeouts timeouts;
  timeouts.connect = std::chrono::milliseconds(100);
  const auto channel = TlsChannel::Connect(client_io_, certificates_.Identity("hospital"),
                                           {"insurer", absl::StrCat("127.0.0.1:", ntohs(address.sin_port)), ""}, timeouts);
  EXPECT_EQ(channel.status().code(), absl::StatusCode::kUnavailable);
  close(listening);
}

TEST_F(TlsChannelTest, AnotherPartysCertificate) {
  Server server(server_io_, certificates_.Identity("bureau"));
  const auto channel =
      TlsChannel::Connect(client_io_, certificates_.Identity("hospital"), {"insurer", server.address(), ""});
  EXPECT_EQ(channel.status().code(), absl::StatusCode::kUnauthenticated);
  EXPECT_THAT(std::string(channel.status().message()), AllOf(HasSubstr("\"bureau\""), HasSubstr("\"insurer\"")));
}

TEST_F(TlsChannelTest, ServerUnderAnotherAuthority) {
  TemporaryCertificates others("another");
  Server server(server_io_, others.Identity("insurer"));
  const auto channel =
      TlsChannel::Connect(client_io_, certificates_.Identity("hospital"), {"insurer", server.address(), ""});
  EXPECT_EQ(channel.status().code(), absl::StatusCode::kUnauthenticated);
  EXPECT_THAT(std::string(channel.status().message()),
              AllOf(HasSubstr("insurer"), HasSubstr("not issued by this federation's authority")));
  EXPECT_EQ(server.NextRefusal().code(), absl::StatusCode::kUnauthenticated);
}

TEST_F(TlsChannelTest, ClientUnderAnotherAuthority) {
  // The client trusts the server's authority but shows a certificate of its own.
  TemporaryCertificates others("another");
  TlsFiles files = others.Files("hospital");
  files.authority_path = certificates_.directory().File("authority.pem");
  files.authority_sha256 = certificates_.authority().fingerprint();
  Server server(server_io_, certificates_.Identity("insurer"));
  auto channel = TlsChannel::Connect(client_io_, TlsIdentity::Load(files).value(), {"insurer", server.address(), ""});
  const absl::Status refusal = server.NextRefusal();
  EXPECT_EQ(refusal.code(), absl::StatusCode::kUnauthenticated);
  EXPECT_THAT(std::string(refusal.message()), HasSubstr("not issued by this federation's authority"));
  // Under TLS 1.3 the client learns it at its first read.
  absl::Status status = channel.status();
  Bytes bytes(1);
  if (status.ok()) status = (*channel)->Receive(bytes);
  EXPECT_EQ(status.code(), absl::StatusCode::kUnauthenticated);
  EXPECT_THAT(std::string(status.message()), AllOf(HasSubstr("insurer"), HasSubstr("refused the certificate")));
}

TEST_F(TlsChannelTest, ExpiredServer) {
  Server server(server_io_, certificates_.Identity("insurer", -2));
  const auto channel =
      TlsChannel::Connect(client_io_, certificates_.Identity("hospital"), {"insurer", server.address(), ""});
  EXPECT_EQ(channel.status().code(), absl::StatusCode::kUnauthenticated);
  EXPECT_THAT(std::string(channel.status().message()),
              AllOf(HasSubstr("\"insurer\""), HasSubstr("expired on"), HasSubstr("renew")));
  const absl::Status refusal = server.NextRefusal();
  EXPECT_THAT(std::string(refusal.message()), AllOf(HasSubstr("\"insurer\""), HasSubstr("expired"), HasSubstr("renew")));
}

TEST_F(TlsChannelTest, ExpiredClient) {
  Server server(server_io_, certificates_.Identity("insurer"));
  auto channel =
      TlsChannel::Connect(client_io_, certificates_.Identity("hospital", -2), {"insurer", server.address(), ""});
  EXPECT_THAT(std::string(server.NextRefusal().message()), AllOf(HasSubstr("\"hospital\""), HasSubstr("expired on")));
  absl::Status status = channel.status();
  Bytes bytes(1);
  if (status.ok()) status = (*channel)->Receive(bytes);
  EXPECT_THAT(std::string(status.message()),
              AllOf(HasSubstr("insurer"), HasSubstr("\"hospital\""), HasSubstr("expired")));
}

TEST_F(TlsChannelTest, StrangersDoNotDisturb) {
  Server server(server_io_, certificates_.Identity("insurer"));
  const int port = std::stoi(server.address().substr(server.address().rfind(':') + 1));
  for (unsigned i = 0; i < 20; ++i) {
    const int stranger = socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<std::uint16_t>(port));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    ASSERT_EQ(connect(stranger, reinterpret_cast<sockaddr*>(&address), sizeof(address)), 0);
    const Bytes noise = Noise(1 + 97 * i, i);
    (void)!write(stranger, noise.data(), noise.size());
    close(stranger);
  }
  auto channel =
      TlsChannel::Connect(client_io_, certificates_.Identity("hospital"), {"insurer", server.address(), ""}).value();
  ASSERT_TRUE(channel->Send(Bytes(3)).ok());
  Bytes bytes(3);
  EXPECT_TRUE(server.Next()->Receive(bytes).ok());
}

TEST_F(TlsChannelTest, FailureIsReportedOnceToWhoAsked) {
  ConnectBoth();
  std::promise<absl::Status> seen;
  server_end_->OnFailure([&seen](const absl::Status& status) { seen.set_value(status); });
  client_end_->Abort(absl::CancelledError("the analyst left"));
  EXPECT_EQ(seen.get_future().get().message(), "hospital: the analyst left");
}

// A session that has driven a link and then computes is told of an abort all the same, and what its peer sends meanwhile,
// more than kernels keep, arrives: the I/O thread takes over.
TEST_F(TlsChannelTest, AComputingSessionIsStillServed) {
  ConnectBoth();
  Bytes small(128);
  for (int round = 0; round < 3; ++round) {
    ASSERT_TRUE(client_end_->Send(small).ok() && server_end_->Send(small).ok());
    ASSERT_TRUE(client_end_->Receive(small).ok() && server_end_->Receive(small).ok());
  }
  const Bytes large = Noise(std::size_t{1} << 20, 7);
  for (int i = 0; i < 100; ++i) ASSERT_TRUE(server_end_->Send(large).ok());
  Bytes bytes(large.size());
  for (int i = 0; i < 100; ++i) {
    ASSERT_TRUE(client_end_->Receive(bytes).ok());
    ASSERT_TRUE(bytes == large);
  }
  std::promise<absl::Status> failure;
  client_end_->OnFailure([&failure](const absl::Status& why) { failure.set_value(why); });
  server_end_->Abort(absl::CancelledError("enough"));
  EXPECT_EQ(failure.get_future().get().code(), absl::StatusCode::kCancelled);
}

TEST(TlsIdentityTest, AuthorityIsPinned) {
  TemporaryCertificates certificates;
  TlsFiles files = certificates.Files("hospital");
  files.authority_sha256 = std::string(64, '0');
  const auto identity = TlsIdentity::Load(files);
  EXPECT_EQ(identity.status().code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(std::string(identity.status().message()), HasSubstr("the federation file pins"));
}

TEST(TlsIdentityTest, KeyMustFit) {
  TemporaryCertificates certificates;
  TlsFiles files = certificates.Files("hospital");
  files.private_key_path = certificates.Files("insurer").private_key_path;
  EXPECT_EQ(TlsIdentity::Load(files).status().code(), absl::StatusCode::kInvalidArgument);
}

TEST_F(TlsChannelTest, SignaturesVerifyUnderThePeersKey) {
  ConnectBoth();
  const auto hospital = certificates_.Identity("bureau");
  const std::string signature = hospital->Sign("agreed").value();
  EXPECT_FALSE(VerifySignature(server_end_->peer_public_key(), "agreed", signature));
  const auto identity = certificates_.Identity("hospital");
  auto channel = TlsChannel::Connect(client_io_, identity, {"insurer", server_->address(), ""}).value();
  auto end = server_->Next();
  const std::string own = identity->Sign("agreed").value();
  EXPECT_TRUE(VerifySignature(end->peer_public_key(), "agreed", own));
  EXPECT_FALSE(VerifySignature(end->peer_public_key(), "agreeD", own));
  EXPECT_FALSE(VerifySignature(end->peer_public_key(), "agreed", own + "x"));
  EXPECT_FALSE(VerifySignature("nonsense", "agreed", own));
}

TEST(AddressTest, SplitsHostAndPort) {
  EXPECT_EQ(SplitAddress("127.0.0.1:7401").value().second, "7401");
  EXPECT_EQ(SplitAddress("[::1]:7401").value().first, "::1");
  for (const char* bad : {"", "localhost", ":7401", "localhost:", "localhost:x", "localhost:70000",
                          "localhost\r\nhost: other:7401", "local host:7401"}) {
    EXPECT_FALSE(SplitAddress(bad).ok()) << bad;
  }
  EXPECT_TRUE(IsLoopback("127.0.0.1"));
  EXPECT_TRUE(IsLoopback("::1"));
  EXPECT_FALSE(IsLoopback("10.0.0.1"));
  EXPECT_FALSE(IsLoopback("example.org"));
}

}  // namespace
}  // namespace care::mpc
