#include "mpc/net/dial.h"

#include <boost/asio/connect.hpp>
#include <utility>

#include "absl/strings/str_cat.h"
#include "mpc/net/http_proxy.h"

namespace care::mpc {

namespace asio = boost::asio;

Dialling::Dialling(asio::io_context& io, std::shared_ptr<TlsLink> link, TlsPeer peer, TlsTimeouts timeouts, Done done)
    : link_(std::move(link)),
      peer_(std::move(peer)),
      timeouts_(timeouts),
      done_(std::move(done)),
      resolver_(io),
      timer_(io) {}

void Dialling::Start() {
  timer_.expires_after(timeouts_.connect);
  timer_.async_wait([self = shared_from_this()](const boost::system::error_code& cancelled) {
    if (!cancelled) self->TimedOut();
  });
  const auto host_and_port = SplitAddress(peer_.proxy != nullptr ? peer_.proxy->address : peer_.address);
  if (!host_and_port.ok()) return Finish(host_and_port.status());
  resolver_.async_resolve(host_and_port->first, host_and_port->second,
                          [self = shared_from_this()](const boost::system::error_code& error, const Addresses& found) {
                            if (self->done_ == nullptr) return;
                            if (error) return self->Unreachable(error.message());
                            self->Connect(found);
                          });
}

void Dialling::Connect(const Addresses& addresses) {
  asio::async_connect(
      link_->socket(), addresses,
      [self = shared_from_this()](const boost::system::error_code& error, const asio::ip::tcp::endpoint&) {
        if (self->done_ == nullptr) return;
        if (error) {
          return self->Unreachable(self->peer_.proxy == nullptr ? error.message()
                                                                : absl::StrCat("the proxy: ", error.message()));
        }
        self->Connected();
      });
}

void Dialling::Connected() {
  if (peer_.proxy == nullptr) return Handshake();
  OpenTunnel(link_->socket(), *peer_.proxy, peer_.address, [self = shared_from_this()](const absl::Status& status) {
    if (self->done_ == nullptr) return;
    if (!status.ok()) return self->Unreachable(std::string(status.message()));
    self->Handshake();
  });
}

void Dialling::Handshake() {
  timer_.cancel();
  link_->Handshake(peer_, [self = shared_from_this()](absl::Status status) { self->Finish(std::move(status)); });
}

void Dialling::TimedOut() {
  if (done_ == nullptr) return;
  resolver_.cancel();
  Unreachable(absl::StrCat(peer_.proxy == nullptr ? "" : "the proxy: ", "no answer within ", timeouts_.connect.count(),
                           " ms"));
}

void Dialling::Unreachable(const std::string& why) {
  Finish(absl::UnavailableError(absl::StrCat(peer_.name, " cannot be reached at ", peer_.address,
                                             peer_.proxy == nullptr ? "" : " through the proxy of the node file", " (",
                                             why, ")", peer_.remedy.empty() ? "" : "; ", peer_.remedy)));
}

void Dialling::Finish(absl::Status status) {
  const Done done = std::exchange(done_, nullptr);
  if (done == nullptr) return;
  timer_.cancel();
  if (!status.ok()) link_->CloseSocket();
  done(std::move(status));
}

}  // namespace care::mpc
