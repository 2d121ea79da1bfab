// engine/frontend/init/node_template.h
//
// The node file that `care init` writes: every key that it may have, explained. It is read as it stands; a
// line
// "#key = value" becomes a setting when its # goes.
#pragma once

#include <string>

namespace care::engine {

struct NodeTemplate {
  std::string party;
  std::string listen;
  std::string database_kind = "sqlite";  // postgresql, sqlite or csv
  std::string database_place;            // URL, path or folder; empty: an example
  std::string tables;                    // [tables.*] entries; empty: an example in comments
};

std::string NodeText(const NodeTemplate& node);

}  // namespace care::engine
