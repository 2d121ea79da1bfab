// engine/frontend/generate/messy_schema.h
//
// The tables of the coaching example as their owners would really have them: own names, own types, and rows that only
// count after cleaning. What the federation agrees on is the example's own (coaching_schema.h), with a time zone, a
// format for the key, and a province whose name is not ASCII.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "engine/frontend/generate/coaching_data.h"

namespace care::engine {

struct MessyColumn {
  std::string name;
  std::string type;  // PostgreSQL's
};

struct MessyTable {
  std::string party;
  std::string name;  // the owner's
  std::vector<MessyColumn> columns;
};

const std::vector<MessyTable>& MessyTables();

std::string MessyFederation(const CoachingDataOptions& options);

// The [database] and [tables.*] sections of a node file of this party for a database of this kind: "sqlite", "csv" or
// "postgresql" (whose url the owner completes). Empty for another party or kind.
std::string MessyNodeTables(std::string_view party, std::string_view kind);

inline constexpr char kMessyProvince[] = "frysl\xc3\xa2n";  // composed, as the domain declares it

}  // namespace care::engine
