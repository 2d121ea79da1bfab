// Dialling through a proxy: TLS runs end to end inside the tunnel, and each way in which a proxy can fail is told with
// what to change, without a word of the proxy's own.

#include "mpc/net/http_proxy.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/net/tcp_relay.h"
#include "tests/unit/net/tls_ends.h"

namespace care::mpc {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

class HttpProxyTest : public TlsEnds {
 protected:
  absl::StatusOr<std::unique_ptr<TlsChannel>> Dial(const HttpProxy& proxy, TlsTimeouts timeouts = {}) {
    if (server_ == nullptr) server_ = std::make_unique<Server>(server_io_, certificates_.Identity("insurer"));
    return TlsChannel::Connect(client_io_, certificates_.Identity("hospital"),
                               {"insurer", server_->address(), "ask them", std::make_shared<HttpProxy>(proxy)}, timeouts);
  }
  std::string Refusal(const std::string& answer) {
    ConnectProxy proxy(answer);
    const auto channel = Dial({proxy.address(), "", ""});
    EXPECT_EQ(channel.status().code(), absl::StatusCode::kUnavailable);
    return std::string(channel.status().message());
  }
};

TEST_F(HttpProxyTest, CarriesALink) {
  ConnectProxy proxy;
  auto channel = Dial({proxy.address(), "", ""}).value();
  auto end = server_->Next();
  const Bytes sent = Noise(200'000, 3);
  ASSERT_TRUE(channel->Send(sent).ok());
  Bytes received(sent.size());
  ASSERT_TRUE(end->Receive(received).ok());
  EXPECT_EQ(sent, received);
  EXPECT_EQ(end->peer_name(), "hospital");
  EXPECT_THAT(proxy.request(), AllOf(HasSubstr(absl::StrCat("CONNECT ", server_->address(), " HTTP/1.1\r\n")),
                                     HasSubstr("Host: "), Not(HasSubstr("Authorization"))));
}

TEST_F(HttpProxyTest, ShowsUserAndPassword) {
  ConnectProxy proxy;
  ASSERT_TRUE(Dial({proxy.address(), "Aladdin", "open sesame"}).ok());
  EXPECT_THAT(proxy.request(), HasSubstr("Proxy-Authorization: Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==\r\n"));
}

TEST_F(HttpProxyTest, Refusals) {
  EXPECT_THAT(Refusal("HTTP/1.1 403 secret words\r\n\r\nmore secret words"),
              AllOf(HasSubstr("insurer cannot be reached at 127.0.0.1:"), HasSubstr("through the proxy"),
                    HasSubstr("status 403"), HasSubstr("allow CONNECT"), HasSubstr("ask them"),
                    Not(HasSubstr("secret"))));
  EXPECT_THAT(Refusal("HTTP/1.1 407 Proxy Authentication Required\r\nProxy-Authenticate: Basic\r\n\r\n"),
              HasSubstr("proxy_credentials in [network]"));
  EXPECT_THAT(Refusal("HTTP/1.1 502 Bad Gateway\r\n\r\n"), HasSubstr("cannot reach it (status 502)"));
  EXPECT_THAT(Refusal("HTTP/1.1 302 Found\r\nLocation: elsewhere\r\n\r\n"), HasSubstr("status 302"));
  EXPECT_THAT(Refusal(""), HasSubstr("closed the connection without an answer"));
  EXPECT_THAT(Refusal("SSH-2.0-OpenSSH_9.2\r\n\r\n"), HasSubstr("does not speak HTTP"));
  EXPECT_THAT(Refusal("HTTP/1.1 403 x\r\nX: " + std::string(20'000, 'x') + "\r\n\r\n"), HasSubstr("proxy"));
}

TEST_F(HttpProxyTest, NobodyThere) {
  const auto channel = Dial({"127.0.0.1:1", "", ""});
  EXPECT_THAT(std::string(channel.status().message()), AllOf(HasSubstr("through the proxy"), HasSubstr("refused")));
}

TEST_F(HttpProxyTest, SaysNothing) {
  TcpRelay mute({.open = [](int client) {
    char byte;
    while (recv(client, &byte, 1, 0) == 1) {
    }
    return -1;
  }});
  TlsTimeouts timeouts;
  timeouts.connect = std::chrono::milliseconds(200);
  const auto channel = Dial({mute.address(), "", ""}, timeouts);
  EXPECT_EQ(channel.status().code(), absl::StatusCode::kUnavailable);
  EXPECT_THAT(std::string(channel.status().message()), HasSubstr("the proxy: no answer within 200 ms"));
}

// A proxy that ends TLS itself would see everything: its certificate is not of the federation.
TEST_F(HttpProxyTest, WhichOpensTlsIsFound) {
  TemporaryCertificates others("proxy");
  Server impostor(server_io_, others.Identity("insurer"));
  TcpRelay proxy({.open = [&impostor](int client) {
    std::string header;
    char byte;
    while (header.find("\r\n\r\n") == std::string::npos && recv(client, &byte, 1, 0) == 1) header += byte;
    const std::string answer = "HTTP/1.1 200 OK\r\n\r\n";
    (void)send(client, answer.data(), answer.size(), MSG_NOSIGNAL);
    return ConnectTo(PortOf(impostor.address()));
  }});
  const auto channel = Dial({proxy.address(), "", ""});
  EXPECT_EQ(channel.status().code(), absl::StatusCode::kUnauthenticated);
  EXPECT_THAT(std::string(channel.status().message()), HasSubstr("not issued by this federation's authority"));
}

TEST(LoadHttpProxyTest, Credentials) {
  TemporaryDirectory directory;
  const HttpProxy proxy =
      LoadHttpProxy("proxy.example:3128", directory.Write("good", "someone:pass:word\nmore\n")).value();
  EXPECT_EQ(proxy.user, "someone");
  EXPECT_EQ(proxy.password, "pass:word");
  for (const char* bad : {"", "\n", "someone", ":word"}) {
    const auto status = LoadHttpProxy("proxy.example:3128", directory.Write("bad", bad)).status();
    EXPECT_THAT(std::string(status.message()), HasSubstr("user:password")) << bad;
  }
  EXPECT_FALSE(LoadHttpProxy("proxy.example:3128", directory.File("none")).ok());
  EXPECT_FALSE(LoadHttpProxy("proxy.example", "").ok());
}

}  // namespace
}  // namespace care::mpc
