// planner/physical/digest.h
//
// Two fingerprints of a planned query, compared by the parties before anything is shared. The execution
// digest covers everything that the parties must do alike; the disclosure digest covers what is asked and
// what comes out, and nothing of how, so that a policy may approve it once for every planner version.
#pragma once

#include <string>

#include "planner/catalog/catalog.h"
#include "planner/physical/plan_query.h"

namespace care::planner {

struct Digests {
  std::string disclosure;  // lower-case hex SHA-256
  std::string execution;
};

Digests DigestsOf(const PlannedQuery& query, const Catalog& catalog);

}  // namespace care::planner
