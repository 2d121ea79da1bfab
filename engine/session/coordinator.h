// engine/session/coordinator.h
//
// The asking node's side of a query: reserve all parties, propose, agree, run, answer the analyst.
#pragma once

#include "engine/session/messages.h"
#include "engine/session/node_resources.h"

namespace care::engine {

// Serves one request {"type": "query", "sql", "purpose", "explain", "format"} and returns when the analyst has
// its answer: notices {"type": "notice", "text"} and {"type": "progress", "fraction", "step"} while it waits, then
// one of {"type": "answer", ...}, {"type": "explained", "text"}, {"type": "error", "status"}.
void AnswerAnalyst(NodeResources& node, mpc::TlsChannel& analyst, const nlohmann::json& request);

}  // namespace care::engine
