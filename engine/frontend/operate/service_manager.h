// engine/frontend/operate/service_manager.h
//
// Tells systemd that the node is ready or stopping, as sd_notify(3) has it: a datagram to the socket that
// NOTIFY_SOCKET names. Does nothing elsewhere.
#pragma once

#include <string_view>

namespace care::engine {

// As "READY=1\nSTATUS=serves on 127.0.0.1:7401".
void TellServiceManager(std::string_view state);

}  // namespace care::engine
