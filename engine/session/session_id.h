// engine/session/session_id.h
//
// The name of one query among the nodes: 16 random bytes in hex. Connections are handed to a query by it, so nobody
// may guess one.
#pragma once

#include <string>

#include "absl/status/statusor.h"

namespace care::engine {

absl::StatusOr<std::string> NewSessionId();
bool IsSessionId(const std::string& text);

}  // namespace care::engine
