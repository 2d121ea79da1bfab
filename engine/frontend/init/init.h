// engine/frontend/init/init.h
//
// `care init`: the two files that a new party needs, commented, in a directory. A federation file that is
// there already is kept, so that the parties of a trial can share a directory.
#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"

namespace care::engine {

struct InitOptions {
  std::string directory = ".";
  std::string party;
  std::vector<std::string> parties;  // empty: those of the federation file that is there, else hospital, insurer, bureau
  std::string federation_name = "trial";
  std::string database_kind = "sqlite";
  std::string inspect;        // a database to propose tables from: postgresql://..., or sqlite:PATH
  std::string password_file;  // of PostgreSQL
  // Files that exist; else the node file is an error and the federation file is kept. With `inspect` of the drafts alone: a
  // draft is made anew often, and what was made of the last one is kept.
  bool replace = false;
};

// What was written or kept, a line each.
absl::StatusOr<std::vector<std::string>> WriteInitialFiles(const InitOptions& options);

}  // namespace care::engine
