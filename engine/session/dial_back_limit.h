// engine/session/dial_back_limit.h
//
// How often a party may have this node dial it back (hello.h). Each dialling takes a thread here for as long
// as a connection may take, and makes packets go where a party's address points: enough for an administrator
// who mends a firewall, not for a flood.
#pragma once

#include <chrono>
#include <map>
#include <mutex>
#include <string>

#include "absl/status/status.h"

namespace care::engine {

class DialBackLimit {
 public:
  using Clock = std::chrono::steady_clock;

  // ResourceExhausted, with when to ask again. Parties are those of the federation's versions, so few.
  absl::Status Begin(const std::string& party, Clock::time_point now = Clock::now());
  void End(const std::string& party);

 private:
  struct Use {
    Clock::time_point begin;  // of the minute that is counted
    int dialled = 0;          // in it
    bool dials = false;       // at this moment
  };
  std::mutex mutex_;
  std::map<std::string, Use> parties_;
};

}  // namespace care::engine
