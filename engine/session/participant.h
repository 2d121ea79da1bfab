// engine/session/participant.h
//
// The other nodes' side of a query: grant the reservation, plan for oneself, agree or refuse, take part.
#pragma once

#include <memory>

#include "engine/session/messages.h"
#include "engine/session/node_resources.h"

namespace care::engine {

// Serves one {"type": "join"} from another party's node and returns when the query is over here.
void TakePart(NodeResources& node, std::unique_ptr<mpc::TlsChannel> asking, const nlohmann::json& join);

}  // namespace care::engine
