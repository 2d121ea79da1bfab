#include "engine/session/node.h"

#include <malloc.h>
#include <spdlog/sinks/null_sink.h>

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <map>
#include <set>
#include <system_error>
#include <thread>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "engine/session/analyst_connection.h"
#include "engine/session/hello.h"
#include "engine/session/node_reach.h"
#include "engine/session/node_upkeep.h"
#include "engine/session/outbound_links.h"
#include "engine/session/participant.h"
#include "engine/session/query_session.h"
#include "engine/session/unheard_connections.h"
#include "engine/types/status_macros.h"
#include "mpc/net/origin.h"

namespace care::engine {

using nlohmann::json;

namespace {

// Served at a time. No one certificate takes all places, and this node's analysts together with both other compute
// parties do not either: whoever asks or is asked can connect while another party floods.
constexpr std::size_t kMaxConnections = 160;
constexpr std::size_t kMostOfAnalysts = 96;  // of this organisation: one certificate for all of them
constexpr std::size_t kMostOfOne = 32;       // of every other name
// A control message and its frame.
constexpr std::size_t kMostUnreadAtFirst = kMaxControlBytes + 1024;
constexpr std::chrono::seconds kKeepMemory{1};  // after the last connection

// Outlives the node, for threads that are about to end.
struct Activity {
  std::atomic<std::uint64_t> serving{0};
  std::atomic<std::uint64_t> served{0};
};

}  // namespace

std::string AnalystName(const std::string& party) { return absl::StrCat("analyst@", party); }

struct Node::State {
  NodeResources resources;

  std::mutex mutex;
  std::condition_variable idle;
  std::size_t connections = 0;  // threads that serve one
  std::map<std::string, std::size_t> connections_of;  // by the certificate's name; none that is zero
  std::shared_ptr<Activity> activity = std::make_shared<Activity>();
  bool stopping = false;
  bool hurry = false;  // under resources.sessions_mutex

  std::unique_ptr<mpc::TlsListener> listener;
  std::unique_ptr<UnheardConnections> unheard;
  std::unique_ptr<OutboundLinks> outbound;  // null: this party can be dialled
  std::unique_ptr<NodeUpkeep> upkeep;

  void Accept(std::unique_ptr<mpc::TlsChannel> channel);
  void Called(std::unique_ptr<mpc::TlsChannel> channel, const std::string& session_id);
  void Start(std::unique_ptr<mpc::TlsChannel> channel);
  absl::Status Admit(const std::string& peer);
  void Leave(const std::string& peer);
  void KeepOutboundLinks();
  void Serve(std::unique_ptr<mpc::TlsChannel> channel);
  void Dispatch(std::unique_ptr<mpc::TlsChannel> channel, const json& request);
  void Stop();
};

// On the I/O thread, as the next two.
void Node::State::Accept(std::unique_ptr<mpc::TlsChannel> channel) {
  unheard->Add(std::move(channel), [this](std::unique_ptr<mpc::TlsChannel> heard) { Start(std::move(heard)); });
}

// A connection that this node made because its party cannot be dialled: from here on as if the peer had made it.
void Node::State::Called(std::unique_ptr<mpc::TlsChannel> channel, const std::string& session_id) {
  channel->LimitUnread(kMostUnreadAtFirst);
  resources.log->info("query {}: called {}", session_id.substr(0, 8), channel->peer_name());
  unheard->Add(std::move(channel), [this](std::unique_ptr<mpc::TlsChannel> heard) { Start(std::move(heard)); });
}

absl::Status Node::State::Admit(const std::string& peer) {
  std::lock_guard lock(mutex);
  if (stopping) return IsStopping(resources.own_name());
  if (connections >= kMaxConnections) {
    return absl::ResourceExhaustedError("too many connections; try again later");
  }
  const std::size_t most = peer == AnalystName(resources.own_name()) ? kMostOfAnalysts : kMostOfOne;
  const auto own = connections_of.find(peer);
  if (own != connections_of.end() && own->second >= most) {
    return absl::ResourceExhaustedError(
        absl::StrCat("too many connections of ", peer, " at once, at most ", most, "; close some, or try again later"));
  }
  ++connections;
  ++connections_of[peer];
  return absl::OkStatus();
}

void Node::State::Leave(const std::string& peer) {
  std::lock_guard lock(mutex);
  const auto own = connections_of.find(peer);
  if (--own->second == 0) connections_of.erase(own);
  if (--connections == 0) idle.notify_all();
}

void Node::State::Start(std::unique_ptr<mpc::TlsChannel> channel) {
  const std::string peer = channel->peer_name();
  if (const absl::Status admitted = Admit(peer); !admitted.ok()) {
    if (const auto left_out = resources.refusals.Allow()) {
      resources.log->warn("refused {} at {}: {}{}", peer, channel->remote_address(),
                          std::string(admitted.message()), LeftOut(*left_out));
    }
    channel->Abort(mpc::WithOrigin(admitted, resources.own_name()));
    return;
  }
  // Outlives a failure to start the thread.
  auto shared = std::make_shared<std::unique_ptr<mpc::TlsChannel>>(std::move(channel));
  ++activity->serving;
  try {
    std::thread([this, shared, peer, activity = activity] {
      Serve(std::move(*shared));
      Leave(peer);
      // From here on the node may be gone. A query of millions of rows must not leave its memory behind in an
      // idle node, but the next question often follows at once and would only take it again.
      const std::uint64_t served = ++activity->served;
      --activity->serving;
      std::this_thread::sleep_for(kKeepMemory);
      if (activity->serving == 0 && activity->served == served) malloc_trim(0);
    }).detach();
  } catch (const std::system_error& error) {
    resources.log->error("no thread for a connection: {}", error.what());
    --activity->serving;
    Leave(peer);
  }
}

void Node::State::Serve(std::unique_ptr<mpc::TlsChannel> channel) {
  const absl::StatusOr<json> request = ReceiveJson(*channel, resources.timeouts.agreement);
  if (!request.ok()) {
    if (const auto left_out = resources.refusals.Allow()) {
      resources.log->info("a connection of {} ended: {}{}", channel->peer_name(),
                          std::string(request.status().message()), LeftOut(*left_out));
    }
    channel->Abort(request.status());
    return;
  }
  Dispatch(std::move(channel), *request);
}

void Node::State::Dispatch(std::unique_ptr<mpc::TlsChannel> channel, const json& request) {
  const std::string peer = channel->peer_name();
  const std::string type = TextField(request, "type").value_or("");
  const std::string& own = resources.own_name();
  if (peer == AnalystName(own)) {
    if (type == "query") return AnswerAnalyst(resources, *channel, request);
    if (type == "hello") return AnswerHello(resources, *channel, request);
  } else if (const absl::Status party = resources.versions.AcceptsParty(peer, resources.clock()); party.ok()) {
    if (type == "join") return TakePart(resources, std::move(channel), request);
    if (type == "standing") return resources.standing.Keep(std::move(channel), resources.log);
    if (type == "hello") return AnswerHello(resources, *channel, request);
    if (type == "query") {
      return channel->Abort(absl::PermissionDeniedError(absl::StrCat(
          "the certificate shown is that of the node of ", peer, "; questions are asked with an analyst's, ", AnalystName(peer))));
    }
    if (type == "link") {
      const std::string session = TextField(request, "session").value_or("");
      if (resources.links.Offer(session, channel)) return;
      return channel->Abort(resources.links.WhyUnwanted(session));
    }
  } else if (!absl::IsNotFound(party)) {
    if (const auto left_out = resources.refusals.Allow()) {
      resources.log->warn("refused \"{}\": {}{}", peer, std::string(party.message()), LeftOut(*left_out));
    }
    return channel->Abort(mpc::WithOrigin(party, own));
  } else {
    resources.metrics.RefusedConnection();
    if (const auto left_out = resources.refusals.Allow()) {
      resources.log->warn("refused \"{}\": neither a party nor an analyst of {}{}", peer, own, LeftOut(*left_out));
    }
    return channel->Abort(absl::PermissionDeniedError(absl::StrCat("this node answers the analysts of ", own,
                                                                   "; the certificate shown is of \"", peer,
                                                                   "\". Ask your own organisation's node")));
  }
  channel->Abort(
      absl::InvalidArgumentError("the request is not understood; install the same version of care"));
}

// Whoever may ask this node to take part needs a way here: the compute parties of all versions, also of one that is not
// in force yet.
void Node::State::KeepOutboundLinks() {
  std::set<std::string> peers;
  bool needed = false;
  for (const HeldVersion& held : resources.versions.Held()) {
    const FederationVersion& version = *held.version;
    if (!version.TakesPart(version.self) || !version.catalog.parties[version.self].outbound) continue;
    needed = true;
    for (const PartyId party : version.catalog.compute_parties) {
      if (party != version.self) peers.insert(version.catalog.PartyName(party));
    }
  }
  if (needed && outbound == nullptr) {
    outbound = std::make_unique<OutboundLinks>(
        resources.io,
        OutboundLinks::Surroundings{
            .log = resources.log,
            .timeouts = resources.timeouts.link,
            .pauses = resources.timeouts.redial,
            .whom =
                [this](const std::string& party) {
                  return std::pair(resources.identity.Get(), resources.PeerNamed(party));
                },
            .called = [this](std::unique_ptr<mpc::TlsChannel> channel,
                             const std::string& session_id) { Called(std::move(channel), session_id); }});
  }
  if (outbound != nullptr) outbound->Keep({peers.begin(), peers.end()});
}

void Node::State::Stop() {
  const absl::Status why = absl::UnavailableError("the node is shutting down");
  upkeep.reset();
  outbound.reset();
  listener.reset();
  unheard->Stop(why);
  {
    std::lock_guard lock(mutex);
    stopping = true;
  }
  resources.standing.Stop(why);
  {
    std::lock_guard lock(resources.sessions_mutex);
    resources.stopping = true;
    for (QuerySession* session : resources.sessions) {
      session->Cancel(
          absl::UnavailableError(absl::StrCat("the node of ", resources.own_name(), " is shutting down")));
    }
  }
  std::unique_lock lock(mutex);
  idle.wait(lock, [this] { return connections == 0; });
}

Node::Node(std::unique_ptr<State> state) : state_(std::move(state)) {}

Node::~Node() { state_->Stop(); }

int Node::port() const { return state_->listener->port(); }

void Node::Drain() {
  NodeResources& node = state_->resources;
  const absl::Status why = IsStopping(node.own_name());
  {
    std::lock_guard lock(node.sessions_mutex);
    node.stopping = true;
    for (QuerySession* session : node.sessions) {
      if (session->waiting()) session->Cancel(why);
    }
  }
  node.admission.Close(why);
  node.queue.Close(why);
}

bool Node::AwaitIdle(std::chrono::seconds limit) {
  NodeResources& node = state_->resources;
  std::unique_lock lock(node.sessions_mutex);
  node.sessions_changed.wait_for(lock, limit, [&] { return node.sessions.empty() || state_->hurry; });
  return node.sessions.empty();
}

void Node::Hurry() {
  std::lock_guard lock(state_->resources.sessions_mutex);
  state_->hurry = true;
  state_->resources.sessions_changed.notify_all();
}

void Node::CheckFiles() { state_->upkeep->CheckNow(); }

NodeResources& Node::resources() { return state_->resources; }

absl::StatusOr<std::unique_ptr<Node>> Node::Start(planner::NodeConfig config, planner::Catalog catalog,
                                                  const MakeEngine& make_engine, NodeOptions options) {
  auto state = std::make_unique<State>();
  NodeResources& node = state->resources;
  node.config = std::move(config);
  node.clock = options.clock ? options.clock : [] { return absl::ToUnixSeconds(absl::Now()); };
  node.timeouts = options.timeouts;
  node.program_version = options.program_version;
  node.admission.LimitTo(node.config.most_waiting);
  node.log = options.log != nullptr ? options.log
                                    : std::make_shared<spdlog::logger>(
                                          "silent", std::make_shared<spdlog::sinks::null_sink_mt>());
  CARE_RETURN_IF_ERROR(planner::CheckPathsAreKnown(node.config));
  CARE_ASSIGN_OR_RETURN(node.ledger, Ledger::Open(node.config.data_directory));
  State* raw = state.get();
  state->upkeep = std::make_unique<NodeUpkeep>(
      VersionUpkeep(node, std::move(catalog), make_engine, options.reload_config,
                    [raw] { raw->KeepOutboundLinks(); }),
      IdentityUpkeep(node, [raw](auto identity) { raw->listener->UseIdentity(std::move(identity)); }), options.upkeep);
  CARE_RETURN_IF_ERROR(state->upkeep->Begin());
  if (const absl::Status database = node.federation()->engine->CheckDatabase(); !database.ok()) {
    node.log->warn("serves without its database for now: {}", std::string(database.message()));
  }
  if (!node.config.proxy.empty()) {
    CARE_RETURN_IF_ERROR(CheckAddress(node.config.proxy, "the proxy", node.config.preview));
    CARE_ASSIGN_OR_RETURN(mpc::HttpProxy proxy,
                          mpc::LoadHttpProxy(node.config.proxy, node.config.proxy_credentials_path));
    node.proxy = std::make_shared<const mpc::HttpProxy>(std::move(proxy));
  }
  state->unheard = std::make_unique<UnheardConnections>(node.timeouts.agreement, node.log, node.refusals);
  CARE_ASSIGN_OR_RETURN(
      state->listener,
      mpc::TlsListener::Listen(
          node.io, node.identity.Get(), node.config.listen, node.timeouts.link,
          {[raw](std::unique_ptr<mpc::TlsChannel> channel) { raw->Accept(std::move(channel)); },
           [raw](const std::string& address, const absl::Status& status) {
             raw->resources.metrics.RefusedConnection();
             if (const auto left_out = raw->resources.refusals.Allow()) {
               raw->resources.log->warn("refused {}: {}{}", address, std::string(status.message()), LeftOut(*left_out));
             }
           }},
          {.unread = kMostUnreadAtFirst}));
  state->KeepOutboundLinks();
  state->upkeep->Start();
  node.log->info("{} of federation {} version {} serves on {}", node.config.party, node.catalog()->name,
                 node.catalog()->version, node.config.listen);
  return std::unique_ptr<Node>(new Node(std::move(state)));
}

}  // namespace care::engine
