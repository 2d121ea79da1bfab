// mpc/net/http_proxy.h
//
// A way out through an organisation's HTTP proxy: CONNECT (RFC 9110, 9.3.6) opens a tunnel to the peer, and TLS runs
// inside it from end to end, so the proxy sees addresses and sizes and nothing else. Beast reads its answer; of that
// only the status code is looked at or repeated, for a proxy's text is a stranger's.
#pragma once

#include <boost/asio/ip/tcp.hpp>
#include <functional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace care::mpc {

struct HttpProxy {
  std::string address;  // host:port
  std::string user;     // Basic authentication; empty: none
  std::string password;
};

// `credentials_path`: a file whose first line is user:password; empty: none.
absl::StatusOr<HttpProxy> LoadHttpProxy(const std::string& address, const std::string& credentials_path);

// On a socket that is connected with the proxy. Calls back once, on the I/O thread; closing the socket ends it early.
// The error is a half-sentence, "the proxy refuses ...": the dial that failed says the rest.
void OpenTunnel(boost::asio::ip::tcp::socket& socket, const HttpProxy& proxy, const std::string& target,
                std::function<void(absl::Status)> done);

}  // namespace care::mpc
