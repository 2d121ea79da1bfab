// engine/session/link_exchange.h
//
// Where the links of a session between parties that did not ask are handed over. The asking node has a link with every
// other; those connect to each other, and a connection arrives at a node's listener, not at its session. Whoever comes
// first waits a little for the other. A connection that comes when its session has failed is told why: whoever made it may
// not have heard yet, and would report a closed door in the place of the reason.
#pragma once

#include <chrono>
#include <condition_variable>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <utility>

#include "absl/status/statusor.h"
#include "mpc/net/tls_channel.h"

namespace care::engine {

class LinkExchange {
 public:
  // The session's side. Blocks until the link from `peer` arrives, `cancelled` gives an error or time is up.
  absl::StatusOr<std::unique_ptr<mpc::TlsChannel>> Take(const std::string& session_id, const std::string& peer,
                                                        std::chrono::milliseconds limit,
                                                        const std::function<absl::Status()>& cancelled);
  // The listener's side. False if nobody is waiting for that link: then it is not wanted.
  bool Offer(const std::string& session_id, std::unique_ptr<mpc::TlsChannel>& channel);
  // From when on Offer succeeds; Take must follow, or Forget.
  void Expect(const std::string& session_id, const std::string& peer);
  // The session has ended, OK or not. Connections that it did not take end likewise.
  void Forget(const std::string& session_id, const absl::Status& why);
  // Why the session failed, of those that failed lately; else that nobody waits for a connection of it.
  absl::Status WhyUnwanted(const std::string& session_id) const;
  void Wake();

 private:
  using ByPeer = std::map<std::string, std::unique_ptr<mpc::TlsChannel>>;  // null until it arrives
  static constexpr std::size_t kMostFailed = 64;
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::map<std::string, ByPeer> expected_;                   // by session id
  std::deque<std::pair<std::string, absl::Status>> failed_;  // the latest last
};

}  // namespace care::engine
