// engine/session/node_resources.h
//
// What the sessions of one node share. The node owns all of it and outlives every session.
//
// The federation file may change while the node runs, so nobody keeps a reference into it: a query takes
// federation() once, at its start, and holds it until its end; whoever only looks something up asks anew.
#pragma once

#include <spdlog/logger.h>

#include <chrono>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <set>
#include <string>

#include "engine/session/current_identity.h"
#include "engine/session/dial_back_limit.h"
#include "engine/session/federation_versions.h"
#include "engine/session/joint_queue.h"
#include "engine/session/ledger.h"
#include "engine/session/link_exchange.h"
#include "engine/session/log_limit.h"
#include "engine/session/standing_links.h"
#include "mpc/net/http_proxy.h"
#include "engine/session/node_metrics.h"
#include "mpc/net/io_thread.h"
#include "mpc/net/redialled_link.h"
#include "mpc/net/tls_channel.h"
#include "planner/catalog/node_config.h"

namespace care::engine {

class QuerySession;

struct SessionTimeouts {
  mpc::TlsTimeouts link;                      // connect 5 s, no sign of life 30 s
  std::chrono::milliseconds agreement{10'000};  // one control message of a peer
  mpc::RedialPauses redial;                     // of standing links
};

struct NodeResources {
  planner::NodeConfig config;
  FederationVersions versions;
  std::function<UnixSeconds()> clock;
  std::string program_version;  // of care, as other nodes and operators are told
  SessionTimeouts timeouts;
  CurrentIdentity identity;
  std::shared_ptr<spdlog::logger> log;
  mpc::IoThread io;
  std::unique_ptr<Ledger> ledger;
  JointQueue admission;  // this node's own queries
  JointQueue queue;      // all parties' queries at this node
  LinkExchange links;
  StandingLinks standing;
  std::shared_ptr<const mpc::HttpProxy> proxy;  // null: other parties are dialled directly
  NodeMetrics metrics;
  DialBackLimit dial_backs;
  LogLimit refusals;  // of strangers

  std::mutex sessions_mutex;
  std::condition_variable sessions_changed;  // one has ended
  std::set<QuerySession*> sessions;
  bool stopping = false;  // under sessions_mutex: no new ones

  mpc::TlsPeer PeerOf(const planner::PartyEntry& party) const {
    return {party.name, party.address, "is its node running? care serve " + party.name + ".toml", proxy};
  }
  // By the newest version that has this party.
  mpc::TlsPeer PeerNamed(const std::string& name) const {
    const std::vector<HeldVersion> held = versions.Held();
    for (auto version = held.rbegin(); version != held.rend(); ++version) {
      const planner::Catalog& file = version->version->catalog;
      if (file.FindParty(name) != kNoParty) return PeerOf(file.parties[file.FindParty(name)]);
    }
    return PeerOf({name, ""});
  }
  const std::string& own_name() const { return config.party; }
  // The version that is in force now, never null.
  FederationVersionPtr federation() const { return versions.InForce(clock()); }
  // Its file alone. Keep the pointer while something of it is in use.
  std::shared_ptr<const planner::Catalog> catalog() const {
    const FederationVersionPtr version = federation();
    return {version, &version->catalog};
  }
};

}  // namespace care::engine
