// engine/frontend/suite/update_file.h
//
// Rewrites what suites expect, where a person asked for it. Everything else in a file stays byte for byte.
#pragma once

#include <vector>

#include "absl/status/statusor.h"
#include "engine/frontend/suite/junit.h"

namespace care::engine {

// For each record that failed and could be rewritten, replaces the lines below its "----". Returns how many
// records were rewritten. A file is replaced whole or not at all.
absl::StatusOr<std::size_t> UpdateFiles(const std::vector<JudgedFile>& files);

}  // namespace care::engine
