#include "engine/frontend/pgwire/server.h"

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <algorithm>
#include <condition_variable>
#include <future>
#include <map>
#include <mutex>

#include "absl/strings/str_cat.h"
#include "engine/frontend/pgwire/client_tls.h"
#include "engine/frontend/pgwire/connection.h"
#include "engine/frontend/pgwire/node_services.h"
#include "engine/session/log_limit.h"
#include "engine/types/status_macros.h"
#include "mpc/net/io_thread.h"

namespace care::engine::pgwire {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

namespace {

constexpr std::chrono::milliseconds kAcceptRetry{200};
// Connections that have not logged in, beside those that have. Where there are more, the oldest of the address that has
// most of them goes: a stranger who opens many loses their own.
constexpr std::size_t kMostUnknown = 100;
constexpr std::size_t kThreadsForLogins = 8;  // beside those of the sessions, which questions may hold for long

absl::Status CheckReach(const NodeResources& node, const std::string& host) {
  if (node.config.preview || mpc::IsLoopback(host)) return absl::OkStatus();
  return absl::FailedPreconditionError(absl::StrCat(
      "the address for SQL clients, ", node.config.sql->listen,
      " is not on this machine. Release control is not complete yet, so a node serves loopback "
      "addresses only; to try it out on data that may be seen, write preview = true in the node file"));
}

// Without random numbers there is no session: a secret that can be guessed would let anybody cancel its questions.
absl::StatusOr<std::uint32_t> CancelSecret() {
  CARE_ASSIGN_OR_RETURN(const std::string bytes, RandomBytes(4));
  std::uint32_t value = 0;
  for (const char byte : bytes) value = value << 8 | static_cast<unsigned char>(byte);
  return value;
}

}  // namespace

struct Server::State {
  explicit State(NodeResources& resources)
      : node(resources),
        pool(resources.config.sql->connections + kThreadsForLogins),
        acceptor(io.context()),
        retry(io.context()) {}

  absl::Status Open() {
    const std::string& address = node.config.sql->listen;
    CARE_ASSIGN_OR_RETURN(const auto host_and_port, mpc::SplitAddress(address));
    CARE_RETURN_IF_ERROR(CheckReach(node, host_and_port.first));
    error_code error;
    tcp::resolver resolver(io.context());
    const auto found =
        resolver.resolve(host_and_port.first, host_and_port.second, asio::ip::resolver_base::passive, error);
    if (error || found.empty()) {
      return absl::InvalidArgumentError(
          absl::StrCat("cannot listen for SQL clients on ", address, ": ", error.message()));
    }
    const tcp::endpoint endpoint = found.begin()->endpoint();
    acceptor.open(endpoint.protocol(), error);
    if (!error) acceptor.set_option(asio::socket_base::reuse_address(true), error);
    if (!error) acceptor.bind(endpoint, error);
    if (!error) acceptor.listen(asio::socket_base::max_listen_connections, error);
    if (error) {
      return absl::UnavailableError(absl::StrCat(
          "cannot listen for SQL clients on ", address, ": ", error.message(),
          error == asio::error::address_in_use ? "; change listen in the section [sql] of the node file"
                                               : ""));
    }
    port = acceptor.local_endpoint(error).port();
    return absl::OkStatus();
  }

  void Accept() {
    acceptor.async_accept([this](const error_code& error, tcp::socket socket) {
      if (stopped) return;
      if (error) {  // out of file descriptors, for instance: the backlog waits
        retry.expires_after(kAcceptRetry);
        retry.async_wait([this](const error_code& cancelled) {
          if (!cancelled && !stopped) Accept();
        });
        return;
      }
      Greet(std::move(socket));
      Accept();
    });
  }

  void Greet(tcp::socket socket) {
    error_code error;
    const tcp::endpoint peer = socket.remote_endpoint(error);
    if (error) return;
    SessionFacts facts;
    facts.address = peer.address().to_string(error);
    facts.from_this_machine = peer.address().is_loopback();
    const absl::StatusOr<std::uint32_t> secret = CancelSecret();
    if (!secret.ok()) {
      node.log->error("an SQL client is turned away: {}", std::string(secret.status().message()));
      return;
    }
    facts.secret = *secret;
    MakeRoom();
    std::lock_guard lock(mutex);
    do {
      facts.process = ++last_process & 0x7fffffff;  // clients print it as a signed number
    } while (facts.process == 0 || sessions.contains(facts.process));
    const auto connection =
        std::make_shared<Connection>(std::move(socket), tls.context, pool, *services, facts,
                                     [this](const std::shared_ptr<Connection>& ended) {
                                       {
                                         std::lock_guard ended_lock(mutex);
                                         sessions.erase(ended->facts().process);
                                       }
                                       all_ended.notify_all();
                                     });
    sessions.emplace(facts.process, connection);
    asio::post(io.context(), [connection] { connection->Start(); });
  }

  // For one more that has not logged in. On the I/O thread.
  void MakeRoom() {
    std::shared_ptr<Connection> leaves;
    {
      std::lock_guard lock(mutex);
      std::map<std::string, std::vector<std::shared_ptr<Connection>>> unknown;  // by address, oldest first
      std::size_t count = 0;
      for (const auto& [process, connection] : sessions) {
        if (connection->known() || connection->ended()) continue;
        unknown[connection->facts().address].push_back(connection);
        ++count;
      }
      if (count < kMostUnknown) return;
      const auto most = std::max_element(unknown.begin(), unknown.end(), [](const auto& one, const auto& other) {
        return one.second.size() < other.second.size();
      });
      leaves = most->second.front();
    }
    if (const auto left_out = turned_away.Allow()) {
      node.log->warn("{} connections of SQL clients have not logged in; the oldest from {} is closed{}", kMostUnknown,
                     leaves->facts().address, LeftOut(*left_out));
    }
    leaves->Stop(absl::ResourceExhaustedError("too many connections that have not logged in"));
  }

  // Whether a session that has logged in finds a place.
  bool Admit(std::uint32_t process) {
    std::lock_guard lock(mutex);
    const auto known = std::count_if(sessions.begin(), sessions.end(),
                                     [](const auto& entry) { return entry.second->known(); });
    const auto found = sessions.find(process);
    if (found == sessions.end() || static_cast<std::size_t>(known) >= node.config.sql->connections) return false;
    found->second->CountAsKnown();
    return true;
  }

  void Cancel(std::uint32_t process, std::uint32_t secret) {
    std::shared_ptr<Connection> connection;
    {
      std::lock_guard lock(mutex);
      const auto found = sessions.find(process);
      if (found == sessions.end() || (found->second->facts().secret ^ secret) != 0) return;
      connection = found->second;
    }
    connection->Cancel();
  }

  void Stop() {
    std::promise<void> done;
    asio::post(io.context(), [this, &done] {
      stopped = true;
      error_code ignored;
      acceptor.close(ignored);
      retry.cancel();
      std::map<std::uint32_t, std::shared_ptr<Connection>> all;
      {
        std::lock_guard lock(mutex);
        all = sessions;
      }
      for (const auto& [process, connection] : all) {
        connection->Stop(absl::UnavailableError("the node is shutting down"));
      }
      done.set_value();
    });
    done.get_future().wait();
    std::unique_lock lock(mutex);
    all_ended.wait(lock, [this] { return sessions.empty(); });
  }

  NodeResources& node;
  ClientTls tls;
  std::unique_ptr<NodeServices> services;
  mutable std::mutex mutex;
  std::condition_variable all_ended;
  std::map<std::uint32_t, std::shared_ptr<Connection>> sessions;
  std::uint32_t last_process = 0;
  int port = 0;
  LogLimit turned_away;
  bool stopped = false;  // the I/O thread's
  mpc::IoThread io;
  WorkerPool pool;  // ends before the I/O thread does
  tcp::acceptor acceptor;
  asio::steady_timer retry;
};

absl::StatusOr<std::unique_ptr<Server>> Server::Start(NodeResources& node) {
  auto state = std::make_unique<State>(node);
  State* raw = state.get();
  CARE_ASSIGN_OR_RETURN(state->tls,
                        LoadClientTls(node.config.sql->certificate_path, node.config.sql->private_key_path));
  CARE_ASSIGN_OR_RETURN(
      state->services,
      NodeServices::Make(node, state->tls.endpoint_hash,
                         {[raw](std::uint32_t process, std::uint32_t secret) { raw->Cancel(process, secret); },
                          [raw](std::uint32_t process) { return raw->Admit(process); }}));
  CARE_RETURN_IF_ERROR(state->Open());
  asio::post(state->io.context(), [raw] { raw->Accept(); });
  node.log->info("SQL clients connect to {}", node.config.sql->listen);
  return std::unique_ptr<Server>(new Server(std::move(state)));
}

Server::Server(std::unique_ptr<State> state) : state_(std::move(state)) {}
Server::~Server() { state_->Stop(); }
int Server::port() const { return state_->port; }

std::size_t Server::connections() const {
  std::lock_guard lock(state_->mutex);
  return state_->sessions.size();
}

}  // namespace care::engine::pgwire
