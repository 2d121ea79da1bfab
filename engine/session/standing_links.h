// engine/session/standing_links.h
//
// The links that parties behind an outbound-only firewall keep with this node. Such a party cannot be dialled, so it
// dials each other party once and stays; when a query here needs it, it is asked over that link to call, and the
// connection that it makes then is handed over in the link exchange like any other. Nothing else passes here. An idle
// link takes no thread.
//
//   from the party   {"type": "standing"}, once      answered by {"type": "kept"}
//   to the party     {"type": "call", "session": id}  for each connection that is wanted
//
// Ids of sessions are unguessable, and a call is taken only from the certificate of the party that was asked.
#pragma once

#include <spdlog/logger.h>

#include <map>
#include <memory>
#include <mutex>
#include <string>

#include "absl/status/status.h"
#include "mpc/net/tls_channel.h"

namespace care::engine {

class StandingLinks {
 public:
  // A party's newest link replaces the one before: of that it only knows that it is lost.
  void Keep(std::unique_ptr<mpc::TlsChannel> channel, const std::shared_ptr<spdlog::logger>& log);
  bool Has(const std::string& party) const;
  // Unavailable, with the remedy, if the party keeps no link now.
  absl::Status AskToCall(const std::string& party, const std::string& session_id);
  // No callback runs after it.
  void Stop(const absl::Status& why);

 private:
  void Ended(const std::string& party, const mpc::TlsChannel* which, const absl::Status& why,
             spdlog::logger& log);

  mutable std::mutex mutex_;
  absl::Status stopped_;
  std::map<std::string, std::shared_ptr<mpc::TlsChannel>> links_;  // by party
};

}  // namespace care::engine
