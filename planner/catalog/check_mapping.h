// planner/catalog/check_mapping.h
//
// A node file against the federation file: its [tables] sections name tables and columns that the federation has and
// this party owns, and promise nothing that the declarations do not allow. Neither file can tell alone; a node checks
// when it starts.
#pragma once

#include "absl/status/status.h"
#include "planner/catalog/catalog.h"
#include "planner/catalog/node_config.h"

namespace care::planner {

// InvalidArgument, naming the section of the node file and what to write.
absl::Status CheckMappings(const NodeConfig& config, const Catalog& catalog);

}  // namespace care::planner
