// planner/catalog/file_text.h
//
// Federation files and node files for who has read their text already: to sign exactly what was understood,
// and to feed the readers any bytes.
#pragma once

#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "planner/catalog/catalog.h"
#include "planner/catalog/node_config.h"

namespace care::planner {

// Errors name the file by `name`.
absl::StatusOr<Catalog> ParseFederationFile(std::string_view text, const std::string& name);
// Paths in it are relative to the folder of `path`.
absl::StatusOr<NodeConfig> ParseNodeFile(std::string_view text, const std::string& path);

}  // namespace care::planner
