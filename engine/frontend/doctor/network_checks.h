// engine/frontend/doctor/network_checks.h
//
// Whether this node and its peers reach each other, in both directions, agree on the federation file and on
// the time. Each peer is dialled, and asked to dial back. If no node runs here, the doctor itself listens on
// the node's address meanwhile, so that a firewall can be tried out before the first start.
#pragma once

#include "engine/frontend/doctor/report.h"
#include "planner/catalog/catalog.h"
#include "planner/catalog/node_config.h"

namespace care::engine {

void CheckNetwork(const planner::NodeConfig& config, const planner::Catalog& catalog,
                  const std::string& program_version, DoctorReport& report);

}  // namespace care::engine
