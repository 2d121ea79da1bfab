// engine/session/node_resources.h
//
// What the sessions of one node share. The node owns all of it and outlives every session.
#pragma once

#include <spdlog/logger.h>

#include <chrono>
#include <memory>
#include <mutex>
#include <set>
#include <string>

#include "engine/session/joint_queue.h"
#include "engine/session/ledger.h"
#include "engine/session/link_exchange.h"
#include "engine/session/query_engine.h"
#include "mpc/net/io_thread.h"
#include "mpc/net/tls_channel.h"
#include "mpc/net/tls_identity.h"
#include "planner/catalog/catalog.h"
#include "planner/catalog/node_config.h"

namespace care::engine {

class QuerySession;

struct SessionTimeouts {
  mpc::TlsTimeouts link;                      // connect 5 s, no sign of life 30 s
  std::chrono::milliseconds agreement{10'000};  // one control message of a peer
};

struct NodeResources {
  planner::NodeConfig config;
  planner::Catalog catalog;
  PartyId self = kNoParty;
  SessionTimeouts timeouts;
  std::shared_ptr<const mpc::TlsIdentity> identity;
  std::shared_ptr<spdlog::logger> log;
  mpc::IoThread io;
  std::unique_ptr<QueryEngine> engine;
  std::unique_ptr<Ledger> ledger;
  JointQueue queue;
  LinkExchange links;

  std::mutex sessions_mutex;
  std::set<QuerySession*> sessions;
  bool stopping = false;  // under sessions_mutex

  const std::string& own_name() const { return catalog.PartyName(self); }
};

}  // namespace care::engine
