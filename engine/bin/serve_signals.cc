#include "engine/bin/serve_signals.h"

#include <pthread.h>

#include <thread>

namespace care::bin {

ServeSignals::ServeSignals() {
  sigemptyset(&signals_);
  for (const int number : {SIGTERM, SIGINT, SIGHUP, SIGUSR1}) sigaddset(&signals_, number);
  pthread_sigmask(SIG_BLOCK, &signals_, nullptr);
  signal(SIGPIPE, SIG_IGN);
}

int ServeSignals::Next() const {
  int number = 0;
  sigwait(&signals_, &number);
  return number;
}

void ServeSignals::WaitForEnd(engine::Node& node, std::chrono::seconds drain, spdlog::logger& log,
                              const std::function<void()>& stopping) const {
  int number;
  while ((number = Next()) != SIGTERM && number != SIGINT) {
    if (number == SIGHUP) node.CheckFiles();
  }
  stopping();
  node.Drain();
  if (node.AwaitIdle(std::chrono::seconds(0))) {
    log.info("stopping");
    return;
  }
  log.info("stopping: queries that run may finish within {} s; {} ends them at once", drain.count(),
           number == SIGINT ? "Ctrl-C again" : "a second SIGTERM");
  // The wait for queries has a thread of its own, which tells this one by a signal, so that a second SIGTERM is
  // heard meanwhile.
  std::thread waiting([&node, drain, self = pthread_self()] {
    node.AwaitIdle(drain);
    pthread_kill(self, SIGUSR1);
  });
  while ((number = Next()) == SIGHUP) {
  }
  if (number != SIGUSR1) {
    log.warn("stopping at once");
    node.Hurry();
  }
  waiting.join();
}

}  // namespace care::bin
