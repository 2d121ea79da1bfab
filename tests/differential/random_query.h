// tests/differential/random_query.h
//
// A random query over a random schema, as a tree that can be made smaller: joins of all kinds, subqueries in FROM and in
// conditions, set operations, windows, grouping sets, FILTER and DISTINCT aggregates, HAVING, ORDER BY with LIMIT,
// three-valued conditions. Its answer does not depend on an order that SQL leaves open: what is cut off or numbered is sorted by
// all columns.
#pragma once

#include "engine/frontend/generate/random_stream.h"
#include "tests/differential/query_tree.h"
#include "tests/differential/random_tables.h"

namespace care::engine {

struct RandomQuery {
  QueryPtr tree;
  bool is_ordered = false;  // by all of its columns
};

RandomQuery MakeRandomQuery(const RandomSchema& schema, RandomStream& random);

}  // namespace care::engine
