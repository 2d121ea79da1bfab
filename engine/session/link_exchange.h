// engine/session/link_exchange.h
//
// Where the links of a session between parties that did not ask are handed over. The asking node has a link with every
// other; those connect to each other, and a connection arrives at a node's listener, not at its session. Whoever comes
// first waits a little for the other.
#pragma once

#include <chrono>
#include <condition_variable>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>

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
  void Forget(const std::string& session_id);
  void Wake();

 private:
  using ByPeer = std::map<std::string, std::unique_ptr<mpc::TlsChannel>>;  // null until it arrives
  std::mutex mutex_;
  std::condition_variable changed_;
  std::map<std::string, ByPeer> expected_;  // by session id
};

}  // namespace care::engine
