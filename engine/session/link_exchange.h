// engine/session/link_exchange.h
//
// Where the third link of a session is handed over. The asking node has a link with both others; those two
// connect to each other, and the connection arrives at a node's listener, not at its session. Whoever comes
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
  struct Expected {
    std::string peer;
    std::unique_ptr<mpc::TlsChannel> channel;
  };
  std::mutex mutex_;
  std::condition_variable changed_;
  std::map<std::string, Expected> expected_;  // by session id
};

}  // namespace care::engine
