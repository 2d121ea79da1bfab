// engine/frontend/suite/loopback_port.h
//
// Ports of 127.0.0.1 for processes that are about to start.
#pragma once

#include <cstdint>
#include <vector>

#include "absl/status/statusor.h"

namespace care::engine {

// Different ports that the system says are free. It does not hand them out again soon, so that the moment
// until somebody listens on them is long enough.
absl::StatusOr<std::vector<std::uint16_t>> FreeLoopbackPorts(std::size_t count);

bool AcceptsOnLoopback(std::uint16_t port);

}  // namespace care::engine
