// mpc/net/memory_channel.h
//
// Two ends of a link inside one process, for tests and for a federation that runs in one process. It keeps
// every promise of channel.h (budget, deadline, abort, failing for good), so that code that works over it
// has no other excuse over a network. The ends may live on different threads and die in any order: what was
// sent before one end died is still delivered, then Receive says Unavailable.
#pragma once

#include <chrono>
#include <memory>
#include <utility>

#include "mpc/net/channel.h"

namespace care::mpc {

struct MemoryChannelOptions {
  std::chrono::milliseconds deadline{60000};        // for each wait
  std::size_t byte_budget = std::size_t{16} << 20;  // queued in one direction before Send blocks
};

std::pair<std::unique_ptr<Channel>, std::unique_ptr<Channel>> MakeMemoryChannelPair(
    const MemoryChannelOptions& options = {});

}  // namespace care::mpc
