// mpc/net/dial.h
//
// One attempt to reach a peer: the name to addresses, TCP, the proxy's tunnel if there is one, TLS. Only
// tls_channel.cc includes this.
#pragma once

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <functional>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "mpc/net/tls_channel.h"
#include "mpc/net/tls_link.h"

namespace care::mpc {

// Lives in its pending handlers. On the I/O thread.
class Dialling : public std::enable_shared_from_this<Dialling> {
 public:
  using Done = std::function<void(absl::Status)>;

  Dialling(boost::asio::io_context& io, std::shared_ptr<TlsLink> link, TlsPeer peer, TlsTimeouts timeouts, Done done);
  void Start();

 private:
  using Addresses = boost::asio::ip::tcp::resolver::results_type;

  void Connect(const Addresses& addresses);
  void Connected();
  void Handshake();
  void TimedOut();
  void Unreachable(const std::string& why);
  // The first end counts: the name server may answer long after the attempt was given up.
  void Finish(absl::Status status);

  const std::shared_ptr<TlsLink> link_;
  const TlsPeer peer_;
  const TlsTimeouts timeouts_;
  Done done_;
  boost::asio::ip::tcp::resolver resolver_;
  boost::asio::steady_timer timer_;
};

}  // namespace care::mpc
