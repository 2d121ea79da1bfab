#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <future>
#include <memory>
#include <set>

#include "absl/strings/str_cat.h"
#include "engine/types/status_macros.h"
#include "mpc/net/tls_channel.h"
#include "mpc/net/tls_link.h"

namespace care::mpc {

namespace asio = boost::asio;

namespace {
// Strangers may open connections and say nothing: that many at a time, each for the handshake's limit.
constexpr std::size_t kMaxHandshakes = 64;
constexpr std::chrono::milliseconds kAcceptRetry{200};
}  // namespace

// Only the I/O thread touches it after Listen.
struct TlsListener::State : std::enable_shared_from_this<TlsListener::State> {
  State(asio::io_context& context, std::shared_ptr<const TlsIdentity> who, TlsTimeouts limits, Callbacks hooks)
      : io(context), identity(std::move(who)), timeouts(limits), callbacks(std::move(hooks)), acceptor(context),
        retry(context) {}

  absl::Status Open(const std::string& address) {
    CARE_ASSIGN_OR_RETURN(const auto host_and_port, SplitAddress(address));
    boost::system::error_code error;
    asio::ip::tcp::resolver resolver(io);
    const auto found = resolver.resolve(host_and_port.first, host_and_port.second, asio::ip::resolver_base::passive, error);
    if (error || found.empty()) {
      return absl::InvalidArgumentError(absl::StrCat("cannot listen on ", address, ": ", error.message()));
    }
    const asio::ip::tcp::endpoint endpoint = found.begin()->endpoint();
    acceptor.open(endpoint.protocol(), error);
    if (!error) acceptor.set_option(asio::socket_base::reuse_address(true), error);
    if (!error) acceptor.bind(endpoint, error);
    if (!error) acceptor.listen(asio::socket_base::max_listen_connections, error);
    if (error) {
      return absl::UnavailableError(absl::StrCat("cannot listen on ", address, ": ", error.message(),
                                                 error == asio::error::address_in_use
                                                     ? "; is another node running on this port?"
                                                     : ""));
    }
    port = acceptor.local_endpoint(error).port();
    return absl::OkStatus();
  }

  void Accept() {
    auto link = std::make_shared<TlsLink>(io, identity, timeouts);
    acceptor.async_accept(link->socket(), [self = shared_from_this(), link](const boost::system::error_code& error) {
      if (self->stopped) return;
      if (error) return self->AcceptLater();
      if (self->handshakes.size() >= kMaxHandshakes) {
        link->CloseSocket();
      } else {
        self->Greet(link);
      }
      self->Accept();
    });
  }

  // Out of file descriptors, for instance: the backlog waits.
  void AcceptLater() {
    retry.expires_after(kAcceptRetry);
    retry.async_wait([self = shared_from_this()](const boost::system::error_code& cancelled) {
      if (!cancelled && !self->stopped) self->Accept();
    });
  }

  void Greet(const std::shared_ptr<TlsLink>& link) {
    handshakes.insert(link);
    link->Handshake(TlsPeer{}, [self = shared_from_this(), link](absl::Status status) {
      self->handshakes.erase(link);
      if (self->stopped) return link->CloseSocket();
      if (!status.ok()) {
        if (self->callbacks.refused) self->callbacks.refused(link->remote_address(), status);
        return;
      }
      link->StartReading();
      self->callbacks.accepted(std::make_unique<TlsChannel>(link));
    });
  }

  void Stop() {
    stopped = true;
    boost::system::error_code ignored;
    acceptor.close(ignored);
    retry.cancel();
    for (const auto& link : handshakes) link->CloseSocket();
  }

  asio::io_context& io;
  std::shared_ptr<const TlsIdentity> identity;
  TlsTimeouts timeouts;
  Callbacks callbacks;
  asio::ip::tcp::acceptor acceptor;
  asio::steady_timer retry;
  std::set<std::shared_ptr<TlsLink>> handshakes;
  bool stopped = false;
  int port = 0;
};

TlsListener::TlsListener(std::shared_ptr<State> state) : state_(std::move(state)) {}

absl::StatusOr<std::unique_ptr<TlsListener>> TlsListener::Listen(IoThread& io,
                                                                 std::shared_ptr<const TlsIdentity> identity,
                                                                 const std::string& address, TlsTimeouts timeouts,
                                                                 Callbacks callbacks) {
  auto state = std::make_shared<State>(io.context(), std::move(identity), timeouts, std::move(callbacks));
  CARE_RETURN_IF_ERROR(state->Open(address));
  asio::post(io.context(), [state] { state->Accept(); });
  return std::unique_ptr<TlsListener>(new TlsListener(std::move(state)));
}

TlsListener::~TlsListener() {
  std::promise<void> stopped;
  asio::post(state_->io, [this, &stopped] {
    state_->Stop();
    stopped.set_value();
  });
  stopped.get_future().wait();
}

int TlsListener::port() const { return state_->port; }

}  // namespace care::mpc
