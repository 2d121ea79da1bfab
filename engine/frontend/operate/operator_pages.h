// engine/frontend/operate/operator_pages.h
//
// What a node shows to whoever watches it:
//
//   /metrics  figures in Prometheus' text format
//   /health   200 while the process serves requests at all
//   /ready    200 if it can answer queries now, else 503; JSON that says what is missing
//
// Nothing on these pages is secret: no SQL, no value, no name of a person, no text of a database.
#pragma once

#include <string_view>

#include "engine/frontend/operate/health_watch.h"
#include "engine/frontend/operate/http_endpoint.h"
#include "engine/session/node_resources.h"

namespace care::engine {

HttpReply OperatorPage(NodeResources& node, const HealthWatch& watch, std::string_view path);

}  // namespace care::engine
