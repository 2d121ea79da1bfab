// engine/session/log_limit.h
//
// Bounds how often a line is logged that strangers can cause, so that they cannot fill a disk or hide what
// matters. What was left out is counted and told with the next line.
#pragma once

#include <chrono>
#include <cstdint>
#include <mutex>
#include <optional>
#include <string>

namespace care::engine {

class LogLimit {
 public:
  using Clock = std::chrono::steady_clock;

  // How many lines were left out since the last one, or nothing: leave this one out too.
  std::optional<std::uint64_t> Allow(Clock::time_point now = Clock::now());

 private:
  std::mutex mutex_;
  Clock::time_point begin_;  // of the minute that is counted
  int logged_ = 0;           // in it
  bool begun_ = false;
  std::uint64_t left_out_ = 0;
};

// " (and 12 more that were not logged)", or nothing for 0.
std::string LeftOut(std::uint64_t lines);

}  // namespace care::engine
