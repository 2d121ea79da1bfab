// engine/session/hello.h
//
// Whether a node can be reached, and what it runs: asked by other parties' nodes and administrators, by this
// node's own, and by its analysts. Nothing of a query or of data passes here; what is told is in every
// agreement anyway: the program's version, the federation file's version and digest, the clock.
//
// On request the node that is asked dials the asking party back, at the address that its own federation file
// gives, and tells how that went: a firewall that lets connections pass one way only is found before a query
// meets it.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "engine/session/messages.h"
#include "engine/session/node_resources.h"

namespace care::engine {

struct Hello {
  std::string party;
  std::string program_version;
  std::string federation;
  std::uint64_t federation_version = 0;
  std::string federation_digest;
  std::int64_t time_us = 0;  // since 1970, by the clock of the node that says it
  bool dialled_back = false;
  absl::Status dial_back;  // if dialled_back
};

nlohmann::json HelloToJson(const Hello& hello);
absl::StatusOr<Hello> HelloFromJson(const nlohmann::json& message);

// Asks over a new channel. With `dial_back` the answer takes as long as a connection may take.
absl::StatusOr<Hello> AskHello(mpc::TlsChannel& channel, bool dial_back, std::chrono::milliseconds limit);

// What this node says to the request.
void AnswerHello(NodeResources& node, mpc::TlsChannel& channel, const nlohmann::json& request);

std::int64_t MicrosecondsSince1970();

}  // namespace care::engine
