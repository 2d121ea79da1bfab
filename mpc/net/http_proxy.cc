#include "mpc/net/http_proxy.h"

#include <boost/beast/core/flat_static_buffer.hpp>
#include <boost/beast/http.hpp>
#include <fstream>
#include <memory>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "engine/types/status_macros.h"
#include "mpc/net/tls_channel.h"

namespace care::mpc {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;

constexpr std::size_t kMaxHeader = 8192;
constexpr std::size_t kMaxCredentials = 1024;

struct Tunnel {
  explicit Tunnel(asio::ip::tcp::socket& connected) : socket(connected) {}

  asio::ip::tcp::socket& socket;
  http::request<http::empty_body> request;
  http::response_parser<http::empty_body> parser;
  beast::flat_static_buffer<kMaxHeader> buffer;
};

absl::Status Judge(unsigned code, bool has_user) {
  if (code >= 200 && code < 300) return absl::OkStatus();
  if (code == 407) {
    return absl::UnauthenticatedError(
        has_user ? "the proxy does not accept the user and password of proxy_credentials (status 407)"
                 : "the proxy asks for a user and password (status 407); name a file with user:password as "
                   "proxy_credentials in [network] of the node file");
  }
  if (code == 403 || code == 405) {
    return absl::PermissionDeniedError(
        absl::StrCat("the proxy refuses this address (status ", code, "); have it allow CONNECT to it"));
  }
  if (code >= 500) return absl::UnavailableError(absl::StrCat("the proxy cannot reach it (status ", code, ")"));
  return absl::UnavailableError(absl::StrCat("the proxy opened no tunnel (status ", code, ")"));
}

absl::Status Unanswered(const boost::system::error_code& error) {
  if (error == http::error::end_of_stream || error == http::error::partial_message || error == asio::error::eof ||
      error == asio::error::connection_reset) {
    return absl::UnavailableError("the proxy closed the connection without an answer");
  }
  if (error.category() == http::make_error_code(http::error::bad_version).category()) {
    return absl::UnavailableError("what answers as a proxy does not speak HTTP; correct proxy in [network]");
  }
  return absl::UnavailableError(absl::StrCat("the proxy: ", error.message()));
}

}  // namespace

absl::StatusOr<HttpProxy> LoadHttpProxy(const std::string& address, const std::string& credentials_path) {
  HttpProxy proxy;
  proxy.address = address;
  CARE_RETURN_IF_ERROR(SplitAddress(address).status());
  if (credentials_path.empty()) return proxy;
  std::ifstream file(credentials_path, std::ios::binary);
  std::string line;
  if (!file || !std::getline(file, line)) {
    return absl::NotFoundError(absl::StrCat("cannot read proxy_credentials ", credentials_path,
                                            "; it is one line, user:password"));
  }
  absl::StripTrailingAsciiWhitespace(&line);
  const std::size_t colon = line.find(':');
  if (colon == 0 || colon == std::string::npos || line.size() > kMaxCredentials) {
    return absl::InvalidArgumentError(
        absl::StrCat("the first line of proxy_credentials ", credentials_path, " is not user:password"));
  }
  proxy.user = line.substr(0, colon);
  proxy.password = line.substr(colon + 1);
  return proxy;
}

void OpenTunnel(asio::ip::tcp::socket& socket, const HttpProxy& proxy, const std::string& target,
                std::function<void(absl::Status)> done) {
  auto tunnel = std::make_shared<Tunnel>(socket);
  tunnel->request.method(http::verb::connect);
  tunnel->request.version(11);
  tunnel->request.target(target);
  tunnel->request.set(http::field::host, target);
  const bool has_user = !proxy.user.empty();
  if (has_user) {
    tunnel->request.set(http::field::proxy_authorization,
                        "Basic " + absl::Base64Escape(proxy.user + ":" + proxy.password));
  }
  tunnel->parser.header_limit(kMaxHeader);
  tunnel->parser.skip(true);  // an answer to CONNECT has no body; what follows is the tunnel
  http::async_write(
      socket, tunnel->request,
      [tunnel, has_user, done = std::move(done)](const boost::system::error_code& failed, std::size_t) mutable {
        if (failed) return done(Unanswered(failed));
        http::async_read_header(
            tunnel->socket, tunnel->buffer, tunnel->parser,
            [tunnel, has_user, done = std::move(done)](const boost::system::error_code& error, std::size_t) {
              if (error) return done(Unanswered(error));
              absl::Status status = Judge(tunnel->parser.get().result_int(), has_user);
              // The peer speaks only after this side's first TLS message.
              if (status.ok() && tunnel->buffer.size() > 0) {
                status = absl::UnavailableError("the proxy sent more than its answer before the tunnel was used");
              }
              done(std::move(status));
            });
      });
}

}  // namespace care::mpc
