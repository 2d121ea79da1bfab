#include <algorithm>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ip/v6_only.hpp>
#include <boost/asio/post.hpp>
#include <future>
#include <list>
#include <memory>

#include "absl/strings/str_cat.h"
#include "engine/types/status_macros.h"
#include "mpc/net/tls_channel.h"
#include "mpc/net/tls_link.h"

namespace care::mpc {

namespace asio = boost::asio;

namespace {
constexpr std::chrono::milliseconds kAcceptRetry{200};
constexpr std::chrono::milliseconds kAcceptPause{10};  // while handshakes come faster than the limit
}  // namespace

// Only the I/O thread touches it after Listen.
struct TlsListener::State : std::enable_shared_from_this<TlsListener::State> {
  using Clock = std::chrono::steady_clock;

  State(asio::io_context& context, std::shared_ptr<const TlsIdentity> who, TlsTimeouts times, Callbacks hooks,
        ListenLimits most)
      : io(context), identity(std::move(who)), timeouts(times), callbacks(std::move(hooks)), limits(most),
        acceptor(context), retry(context), allowance(static_cast<double>(most.handshakes)), counted(Clock::now()) {}

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
    // [::] takes IPv4 too, whatever the system's default.
    if (!error && endpoint.address().is_v6()) acceptor.set_option(asio::ip::v6_only(false), error);
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
    if (!MayGreet()) return AcceptLater(kAcceptPause);
    auto link = std::make_shared<TlsLink>(io, identity, timeouts);
    acceptor.async_accept(link->socket(), [self = shared_from_this(), link](const boost::system::error_code& error) mutable {
      if (self->stopped) return;
      if (error) return self->AcceptLater(kAcceptRetry);
      // This wait may have begun before the identity was renewed.
      if (&link->identity() != self->identity.get()) link = self->RenewedLink(*link);
      self->allowance -= 1;
      if (self->handshakes.size() >= self->limits.handshakes) self->GiveUpOne();
      self->Greet(link);
      self->Accept();
    });
  }

  // Handshakes cost this thread about a millisecond each, and it serves the sessions: what comes faster waits in the
  // kernel's backlog.
  bool MayGreet() {
    const Clock::time_point now = Clock::now();
    const double earned = std::chrono::duration<double>(now - counted).count() * limits.handshakes_per_second;
    counted = now;
    allowance = std::min(allowance + earned, static_cast<double>(limits.handshakes));
    return allowance >= 1;
  }

  // The oldest of the host that holds most: a peer of good will is done in a few round trips, a stranger who holds
  // connections open is not.
  void GiveUpOne() {
    std::list<std::shared_ptr<TlsLink>>::iterator victim = handshakes.begin();
    std::size_t most = 0;
    for (auto candidate = handshakes.begin(); candidate != handshakes.end(); ++candidate) {
      const auto host = HostOf(**candidate);
      const auto held = static_cast<std::size_t>(
          std::count_if(handshakes.begin(), handshakes.end(),
                        [&](const std::shared_ptr<TlsLink>& other) { return HostOf(*other) == host; }));
      if (held > most) {
        most = held;
        victim = candidate;
      }
    }
    if (victim != handshakes.end()) (*victim)->CloseSocket();
  }

  static std::string_view HostOf(const TlsLink& link) {
    const std::string_view address = link.remote_address();
    return address.substr(0, address.rfind(':'));
  }

  std::shared_ptr<TlsLink> RenewedLink(TlsLink& accepted) {
    auto link = std::make_shared<TlsLink>(io, identity, timeouts);
    link->socket() = std::move(accepted.socket());
    return link;
  }

  // Out of file descriptors, for instance: the backlog waits.
  void AcceptLater(std::chrono::milliseconds pause) {
    retry.expires_after(pause);
    retry.async_wait([self = shared_from_this()](const boost::system::error_code& cancelled) {
      if (!cancelled && !self->stopped) self->Accept();
    });
  }

  void Greet(const std::shared_ptr<TlsLink>& link) {
    const auto place = handshakes.insert(handshakes.end(), link);
    link->Handshake(TlsPeer{}, [self = shared_from_this(), link, place](absl::Status status) {
      self->handshakes.erase(place);
      if (self->stopped) return link->CloseSocket();
      if (!status.ok()) {
        if (self->callbacks.refused) self->callbacks.refused(link->remote_address(), status);
        return;
      }
      link->LimitUnread(self->limits.unread);
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
  const ListenLimits limits;
  asio::ip::tcp::acceptor acceptor;
  asio::steady_timer retry;
  double allowance;  // handshakes that may begin now
  Clock::time_point counted;
  std::list<std::shared_ptr<TlsLink>> handshakes;  // the oldest first
  bool stopped = false;
  int port = 0;
};

TlsListener::TlsListener(std::shared_ptr<State> state) : state_(std::move(state)) {}

absl::StatusOr<std::unique_ptr<TlsListener>> TlsListener::Listen(IoThread& io,
                                                                 std::shared_ptr<const TlsIdentity> identity,
                                                                 const std::string& address, TlsTimeouts timeouts,
                                                                 Callbacks callbacks, ListenLimits limits) {
  auto state = std::make_shared<State>(io.context(), std::move(identity), timeouts, std::move(callbacks), limits);
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

void TlsListener::UseIdentity(std::shared_ptr<const TlsIdentity> identity) {
  asio::post(state_->io, [state = state_, identity = std::move(identity)] { state->identity = identity; });
}

int TlsListener::port() const { return state_->port; }

}  // namespace care::mpc
