#include "engine/frontend/operate/http_endpoint.h"

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <chrono>
#include <optional>
#include <set>
#include <thread>

#include "absl/strings/str_cat.h"
#include "engine/types/status_macros.h"
#include "mpc/net/tls_channel.h"

namespace care::engine {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
using Tcp = asio::ip::tcp;

namespace {

constexpr std::chrono::seconds kPatience{5};  // for a request, and again for taking the answer
constexpr std::uint32_t kMostHeaderBytes = 4096;
constexpr std::size_t kMostConnections = 16;
constexpr std::chrono::milliseconds kAcceptRetry{200};

class Connection : public std::enable_shared_from_this<Connection> {
 public:
  Connection(Tcp::socket socket, const HttpEndpoint::Answer& answer, std::function<void(Connection*)> done)
      : stream_(std::move(socket)), buffer_(kMostHeaderBytes), answer_(answer), done_(std::move(done)) {}

  void Start() {
    parser_.header_limit(kMostHeaderBytes);
    parser_.body_limit(0);
    stream_.expires_after(kPatience);
    http::async_read(
        stream_, buffer_, parser_,
        [self = shared_from_this()](beast::error_code error, std::size_t) { self->Read(error); });
  }

  void Close() {
    beast::error_code ignored;
    stream_.socket().close(ignored);
  }

 private:
  void Read(beast::error_code error) {
    if (error == http::error::end_of_stream || error == beast::error::timeout ||
        error == asio::error::operation_aborted || error == asio::error::connection_reset) {
      return done_(this);
    }
    const bool head = !error && parser_.get().method() == http::verb::head;
    if (error) {
      Reply({400, "text/plain; charset=utf-8", "the request is not understood\n"}, false);
    } else if (!head && parser_.get().method() != http::verb::get) {
      Reply({405, "text/plain; charset=utf-8", "only GET and HEAD\n"}, false);
    } else {
      const auto target = parser_.get().target();
      const std::string_view path(target.data(), target.size());
      Reply(answer_(path.substr(0, path.find('?'))), head);
    }
  }

  void Reply(HttpReply reply, bool head) {
    response_.result(reply.status);
    response_.version(11);
    response_.keep_alive(false);
    response_.set(http::field::content_type, reply.content_type);
    response_.set(http::field::cache_control, "no-store");
    if (reply.status == 405) response_.set(http::field::allow, "GET, HEAD");
    response_.content_length(reply.body.size());
    if (!head) response_.body() = std::move(reply.body);
    stream_.expires_after(kPatience);
    http::async_write(stream_, response_, [self = shared_from_this()](beast::error_code, std::size_t) {
      beast::error_code ignored;
      self->stream_.socket().shutdown(Tcp::socket::shutdown_both, ignored);
      self->done_(self.get());
    });
  }

  beast::tcp_stream stream_;
  beast::flat_buffer buffer_;
  http::request_parser<http::empty_body> parser_;
  http::response<http::string_body> response_;
  const HttpEndpoint::Answer& answer_;
  std::function<void(Connection*)> done_;
};

}  // namespace

struct HttpEndpoint::State {
  explicit State(Answer made) : answer(std::move(made)) {}

  const Answer answer;
  asio::io_context io{1};
  Tcp::acceptor acceptor{io};
  asio::steady_timer retry{io};
  std::set<std::shared_ptr<Connection>> connections;
  bool accepting = false;
  int port = 0;
  std::thread thread;

  absl::Status Open(const std::string& address) {
    CARE_ASSIGN_OR_RETURN(const auto host_and_port, mpc::SplitAddress(address));
    boost::system::error_code error;
    Tcp::resolver resolver(io);
    const auto found =
        resolver.resolve(host_and_port.first, host_and_port.second, asio::ip::resolver_base::passive, error);
    if (!error && !found.empty()) {
      const Tcp::endpoint endpoint = found.begin()->endpoint();
      acceptor.open(endpoint.protocol(), error);
      if (!error) acceptor.set_option(asio::socket_base::reuse_address(true), error);
      if (!error) acceptor.bind(endpoint, error);
      if (!error) acceptor.listen(asio::socket_base::max_listen_connections, error);
      if (!error) port = acceptor.local_endpoint(error).port();
    }
    if (error || found.empty()) {
      return absl::UnavailableError(absl::StrCat("cannot listen on ", address,
                                                 " for metrics: ", error.message(),
                                                 "; change listen under [metrics] in the node file"));
    }
    return absl::OkStatus();
  }

  void Accept() {
    if (accepting || connections.size() >= kMostConnections || !acceptor.is_open()) return;
    accepting = true;
    acceptor.async_accept([this](boost::system::error_code error, Tcp::socket socket) {
      accepting = false;
      if (error == asio::error::operation_aborted) return;
      if (error) {  // out of file descriptors, for instance
        retry.expires_after(kAcceptRetry);
        retry.async_wait([this](boost::system::error_code cancelled) {
          if (!cancelled) Accept();
        });
        return;
      }
      auto connection = std::make_shared<Connection>(std::move(socket), answer, [this](Connection* ended) {
        std::erase_if(connections, [ended](const auto& held) { return held.get() == ended; });
        Accept();
      });
      connections.insert(connection);
      connection->Start();
      Accept();
    });
  }
};

HttpEndpoint::HttpEndpoint(std::unique_ptr<State> state) : state_(std::move(state)) {}

HttpEndpoint::~HttpEndpoint() {
  asio::post(state_->io, [state = state_.get()] {
    boost::system::error_code ignored;
    state->acceptor.close(ignored);
    state->retry.cancel();
    for (const auto& connection : state->connections) connection->Close();
  });
  state_->thread.join();
}

int HttpEndpoint::port() const { return state_->port; }

absl::StatusOr<std::unique_ptr<HttpEndpoint>> HttpEndpoint::Listen(const std::string& address,
                                                                   Answer answer) {
  auto state = std::make_unique<State>(std::move(answer));
  CARE_RETURN_IF_ERROR(state->Open(address));
  state->Accept();
  state->thread = std::thread([raw = state.get()] { raw->io.run(); });
  return std::unique_ptr<HttpEndpoint>(new HttpEndpoint(std::move(state)));
}

}  // namespace care::engine
