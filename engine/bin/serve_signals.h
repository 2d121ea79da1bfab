// engine/bin/serve_signals.h
//
// What a running node does on signals. SIGTERM and Ctrl-C end it: it takes no more queries and lets those that
// run finish for a while; a second one ends it at once. SIGHUP makes it look for a new certificate or a new
// version of the federation now and not in a few seconds.
#pragma once

#include <signal.h>
#include <spdlog/logger.h>

#include <chrono>
#include <functional>

#include "engine/session/node.h"

namespace care::bin {

class ServeSignals {
 public:
  // Before the first thread starts: all threads inherit the mask, so that only the one in WaitForEnd hears the
  // signals, and sleeps until then.
  ServeSignals();

  // Returns when the node may end: no query runs, `drain` is over, or somebody insisted.
  // `stopping` is called when the first signal came.
  void WaitForEnd(engine::Node& node, std::chrono::seconds drain, spdlog::logger& log,
                  const std::function<void()>& stopping) const;

 private:
  int Next() const;
  sigset_t signals_;
};

}  // namespace care::bin
