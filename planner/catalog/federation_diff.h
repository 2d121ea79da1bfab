// planner/catalog/federation_diff.h
//
// What changes between two versions of a federation file, for the person who has to sign it. Formatting,
// comments and order do not count. A line is marked where more becomes visible, or visible to more: a new party,
// table or column, a looser rule, a column that can be joined now, another subject. When in doubt it is marked.
#pragma once

#include <string>
#include <vector>

#include "planner/catalog/catalog.h"

namespace care::planner {

struct FederationDifference {
  enum class Kind : std::uint8_t { kAdded, kRemoved, kChanged };
  Kind kind = Kind::kChanged;
  bool reveals = false;  // more can be seen, or by others
  std::string text;
};

std::vector<FederationDifference> CompareFederations(const Catalog& before, const Catalog& after);

// One line each, marked with "!", and a legend; says so if nothing changes.
std::string FormatDifferences(const Catalog& before, const Catalog& after);

}  // namespace care::planner
