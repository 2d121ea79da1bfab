// planner/catalog/table_mapping.h
//
// Reads a [tables.*] section of a node file: where the owner keeps a table of the federation, and what is done about
// its data as they are.
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "planner/catalog/node_config.h"
#include "planner/catalog/toml_entry.h"

namespace care::planner {

absl::StatusOr<TableMapping> ReadTableMapping(TomlEntry entry, const std::string& name,
                                              const std::string& database_kind);

}  // namespace care::planner
