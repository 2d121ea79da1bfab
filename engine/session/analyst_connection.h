// engine/session/analyst_connection.h
//
// An analyst at the node's own port: one JSON question a connection, notices and progress while it runs, then
// the answer, the explanation or the error.
#pragma once

#include "engine/session/node_resources.h"
#include "engine/session/messages.h"

namespace care::engine {

void AnswerAnalyst(NodeResources& node, mpc::TlsChannel& analyst, const nlohmann::json& request);

}  // namespace care::engine
