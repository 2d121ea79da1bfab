// engine/session/outbound_links.h
//
// The other end of standing_links.h, at a node whose party is reach = "outbound" in the federation file: a link to
// each compute party, dialled again whenever it is lost, and the calls that are asked for over it. All of it happens
// on the I/O thread; a call takes a thread when the first message of its query arrives.
#pragma once

#include <spdlog/logger.h>

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "mpc/net/io_thread.h"
#include "mpc/net/redialled_link.h"
#include "mpc/net/tls_channel.h"

namespace care::engine {

class OutboundLinks {
 public:
  struct Surroundings {
    std::shared_ptr<spdlog::logger> log;
    mpc::TlsTimeouts timeouts;
    mpc::RedialPauses pauses;
    // Both on the I/O thread; must not block. Whom to dial for a party, with this node's identity of now:
    std::function<std::pair<std::shared_ptr<const mpc::TlsIdentity>, mpc::TlsPeer>(const std::string& party)> whom;
    // A connection that was asked for and handed in; the party's `join` of this session comes next.
    std::function<void(std::unique_ptr<mpc::TlsChannel>, const std::string& session_id)> called;
  };

  OutboundLinks(mpc::IoThread& io, Surroundings surroundings);
  ~OutboundLinks();  // returns when no callback runs or will run

  // Keeps links with these parties and no others. Not on the I/O thread: it waits for the links that end.
  void Keep(const std::vector<std::string>& parties);

 private:
  struct Calls;
  std::unique_ptr<mpc::RedialledLink> MakeLink(const std::string& party);

  mpc::IoThread& io_;
  const std::shared_ptr<Calls> calls_;
  std::mutex mutex_;
  std::map<std::string, std::unique_ptr<mpc::RedialledLink>> links_;
};

}  // namespace care::engine
