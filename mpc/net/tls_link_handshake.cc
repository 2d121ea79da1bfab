// The first seconds of a link: TCP's options, the TLS handshake and who the peer is.

#include <netinet/tcp.h>
#include <sys/socket.h>

#include <utility>

#include "absl/strings/str_cat.h"
#include "mpc/net/certificate_reading.h"
#include "mpc/net/tls_link.h"

namespace care::mpc {
namespace {

namespace asio = boost::asio;

// Before the idle limit of most stateful firewalls, and while reading is paused the only sign that the peer is gone.
constexpr int kKeepAliveIdleSeconds = 30;
constexpr int kKeepAliveIntervalSeconds = 10;
constexpr int kKeepAliveProbes = 3;

void KeepAlive(asio::ip::tcp::socket& socket) {
  boost::system::error_code ignored;
  socket.set_option(asio::socket_base::keep_alive(true), ignored);
  const auto set = [&socket](int option, int value) {
    (void)setsockopt(socket.native_handle(), IPPROTO_TCP, option, &value, sizeof value);
  };
  set(TCP_KEEPIDLE, kKeepAliveIdleSeconds);
  set(TCP_KEEPINTVL, kKeepAliveIntervalSeconds);
  set(TCP_KEEPCNT, kKeepAliveProbes);
}

}  // namespace

void TlsLink::Handshake(const TlsPeer& peer, HandshakeDone done) {
  boost::system::error_code error;
  socket().set_option(asio::ip::tcp::no_delay(true), error);
  const auto remote = socket().remote_endpoint(error);
  if (!error) {
    remote_address_ = absl::StrCat(remote.address().is_v6() ? "[" : "", remote.address().to_string(),
                                   remote.address().is_v6() ? "]:" : ":", remote.port());
  }
  KeepAlive(socket());
  remedy_ = peer.remedy;
  auto self = shared_from_this();
  timer_.expires_after(timeouts_.connect);
  timer_.async_wait([self](const boost::system::error_code& cancelled) {
    if (!cancelled) self->CloseSocket();
  });
  SSL* ssl = pump_.native();
  SSL_set_app_data(ssl, this);
  SSL_set_verify(ssl, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, KeepRefusal);
  socket().native_non_blocking(true, error);
  pump_.Attach(socket().native_handle());
  ContinueHandshake(peer, done);
}

int TlsLink::KeepRefusal(int verified, X509_STORE_CTX* context) {
  const auto* ssl =
      static_cast<SSL*>(X509_STORE_CTX_get_ex_data(context, SSL_get_ex_data_X509_STORE_CTX_idx()));
  if (verified == 0) {
    X509* certificate = X509_STORE_CTX_get_current_cert(context);
    static_cast<TlsLink*>(SSL_get_app_data(ssl))->refusal_ = {
        X509_STORE_CTX_get_error(context), CommonNameOf(certificate),
        certificate == nullptr ? "" : TimeText(X509_get0_notAfter(certificate))};
  }
  return verified;
}

// What a handshake says fits any socket's buffer, so it waits for the peer only.
void TlsLink::ContinueHandshake(const TlsPeer& peer, const HandshakeDone& done) {
  const TlsPump::Progress progress = pump_.Handshake(/*as_client=*/!peer.name.empty());
  if (progress != TlsPump::Progress::kWait) return FinishHandshake(progress, peer, done);
  socket().async_wait(Socket::wait_read,
                      [self = shared_from_this(), peer, done](const boost::system::error_code& error) {
                        if (error) return self->FinishHandshake(TlsPump::Progress::kLost, peer, done);
                        self->ContinueHandshake(peer, done);
                      });
}

void TlsLink::FinishHandshake(TlsPump::Progress progress, const TlsPeer& peer, const HandshakeDone& done) {
  timer_.cancel();
  const std::string label = peer.name.empty()
                                ? absl::StrCat("a connection from ", remote_address_)
                                : absl::StrCat("the node at ", peer.address, " (", peer.name, ")");
  absl::Status status;
  if (progress != TlsPump::Progress::kDone) {
    if (refusal_.code != 0) {
      status = RefusedPeer(refusal_, label);
    } else if (socket_closed_) {
      status = absl::UnavailableError(absl::StrCat(label, " did not answer within ", timeouts_.connect.count(),
                                                   " ms; ", peer.remedy));
    } else if (pump_.error() != 0) {
      status = HandshakeFailed(pump_.error(), pump_.reason(), label, identity_->name());
    } else {
      status = absl::UnavailableError(absl::StrCat(label, ": the TLS handshake failed (", pump_.reason(), "); ",
                                                   peer.remedy));
    }
  } else {
    status = IdentifyPeer(peer);
  }
  if (!status.ok()) CloseSocket();
  done(std::move(status));
}

absl::Status TlsLink::IdentifyPeer(const TlsPeer& peer) {
  CertificatePtr certificate(SSL_get1_peer_certificate(pump_.native()));
  if (certificate == nullptr) return absl::UnauthenticatedError("the peer showed no certificate");
  peer_name_ = CommonNameOf(certificate.get());
  peer_public_key_ = PublicKeyOf(certificate.get());
  if (peer_public_key_.empty()) return absl::UnauthenticatedError("the peer's certificate has no key");
  if (!peer.name.empty() && peer_name_ != peer.name) {
    return absl::UnauthenticatedError(
        absl::StrCat("the node at ", peer.address, " has the certificate of \"", peer_name_, "\", not of \"", peer.name,
                     "\": correct the addresses in the federation file, or that node's certificate"));
  }
  return absl::OkStatus();
}

}  // namespace care::mpc
