// planner/catalog/node_config.h
//
// One party's own settings, read from its node file: where its key, databases and state are, and how strict
// its release gate is. A node file never leaves its node and never influences a plan; the threshold enters
// through the agreement, where the strictest party's wins.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"

namespace care::planner {

struct ColumnMapping {
  std::string column;   // the owner's name for it
  bool scaled = false;  // NUMERIC stored as an integer in units of 10^-scale
};

struct TableMapping {
  std::string table;  // one of the two
  std::string sql;
  std::map<std::string, ColumnMapping> columns;  // by federation column; absent: same name, native storage
};

struct NodeConfig {
  std::string party;
  std::string federation_path;  // paths are absolute or relative to the working directory after loading
  std::string listen;
  std::string certificate_path;
  std::string private_key_path;
  std::string authority_path;
  std::string data_directory;
  std::string database_kind;
  std::string database_path;
  std::map<std::string, TableMapping> tables;  // by table name without schema
  std::uint32_t threshold = 10;                // fewest distinct persons in a released cell
  bool preview = false;                        // allows peers that are not on loopback
  bool record_traffic = false;                 // keeps what peers sent in the last query (demo --eavesdrop)
};

absl::StatusOr<NodeConfig> LoadNodeConfig(const std::string& path);

}  // namespace care::planner
