// The first seconds of a link: TCP's options, the TLS handshake and who the peer is.

#include <netinet/tcp.h>
#include <sys/socket.h>

#include <boost/asio/ssl/error.hpp>
#include <utility>

#include "absl/strings/str_cat.h"
#include "mpc/net/openssl_handles.h"
#include "mpc/net/tls_link.h"

namespace care::mpc {
namespace {

namespace asio = boost::asio;

// Before the idle limit of most stateful firewalls, and while reading is paused the only sign that the peer is gone.
constexpr int kKeepAliveIdleSeconds = 30;
constexpr int kKeepAliveIntervalSeconds = 10;
constexpr int kKeepAliveProbes = 3;

std::string CommonNameOf(X509* certificate) {
  if (certificate == nullptr) return {};
  X509_NAME* subject = X509_get_subject_name(certificate);
  const int position = X509_NAME_get_index_by_NID(subject, NID_commonName, -1);
  if (position < 0) return {};
  const ASN1_STRING* text = X509_NAME_ENTRY_get_data(X509_NAME_get_entry(subject, position));
  return std::string(reinterpret_cast<const char*>(ASN1_STRING_get0_data(text)),
                     static_cast<std::size_t>(ASN1_STRING_length(text)));
}

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

std::string TimeText(const ASN1_TIME* time) {
  BioPtr bio(BIO_new(BIO_s_mem()));
  if (bio == nullptr || ASN1_TIME_print(bio.get(), time) != 1) return "an unknown day";
  char* data = nullptr;
  const long size = BIO_get_mem_data(bio.get(), &data);
  return std::string(data, static_cast<std::size_t>(size));
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
  stream_.set_verify_callback([this](bool verified, asio::ssl::verify_context& context) {
    if (!verified) {
      X509* certificate = X509_STORE_CTX_get_current_cert(context.native_handle());
      refusal_ = {X509_STORE_CTX_get_error(context.native_handle()), CommonNameOf(certificate),
                  certificate == nullptr ? "" : TimeText(X509_get0_notAfter(certificate))};
    }
    return verified;
  });
  stream_.async_handshake(
      peer.name.empty() ? asio::ssl::stream_base::server : asio::ssl::stream_base::client,
      [self, peer, done = std::move(done)](const boost::system::error_code& error) {
        self->FinishHandshake(error, peer, done);
      });
}

void TlsLink::FinishHandshake(const boost::system::error_code& error, const TlsPeer& peer,
                              const HandshakeDone& done) {
  timer_.cancel();
  const std::string label = peer.name.empty()
                                ? absl::StrCat("a connection from ", remote_address_)
                                : absl::StrCat("the node at ", peer.address, " (", peer.name, ")");
  absl::Status status;
  if (error) {
    if (refusal_.code != 0) {
      status = RefusedPeer(refusal_, label);
    } else if (socket_closed_) {
      status = absl::UnavailableError(absl::StrCat(label, " did not answer within ", timeouts_.connect.count(),
                                                   " ms; ", peer.remedy));
    } else if (error.category() == asio::error::get_ssl_category()) {
      status = HandshakeFailed(static_cast<unsigned long>(error.value()), error.message(), label, identity_->name());
    } else {
      status = absl::UnavailableError(absl::StrCat(label, ": the TLS handshake failed (", error.message(), "); ",
                                                   peer.remedy));
    }
  } else {
    status = IdentifyPeer(peer);
  }
  if (!status.ok()) CloseSocket();
  done(std::move(status));
}

absl::Status TlsLink::IdentifyPeer(const TlsPeer& peer) {
  CertificatePtr certificate(SSL_get1_peer_certificate(stream_.native_handle()));
  if (certificate == nullptr) return absl::UnauthenticatedError("the peer showed no certificate");
  peer_name_ = CommonNameOf(certificate.get());
  unsigned char* der = nullptr;
  const int size = i2d_X509_PUBKEY(X509_get_X509_PUBKEY(certificate.get()), &der);
  if (size <= 0) return absl::UnauthenticatedError("the peer's certificate has no key");
  peer_public_key_.assign(reinterpret_cast<char*>(der), static_cast<std::size_t>(size));
  OPENSSL_free(der);
  if (!peer.name.empty() && peer_name_ != peer.name) {
    return absl::UnauthenticatedError(
        absl::StrCat("the node at ", peer.address, " has the certificate of \"", peer_name_, "\", not of \"", peer.name,
                     "\": correct the addresses in the federation file, or that node's certificate"));
  }
  return absl::OkStatus();
}

}  // namespace care::mpc
