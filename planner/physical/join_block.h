// planner/physical/join_block.h
//
// A query below its outermost aggregate, taken apart for placement: leaves (subtrees that one owner computes
// alone), the join key that ties them together, and the predicates that no single leaf could absorb.
//
// First version: a star around one key class. Every leaf has a column in the class; a leaf is required
// (inner join) or optional (the null-supplying side of a LEFT JOIN to a required leaf).
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "planner/logical/logical_plan.h"

namespace care::planner {

struct Leaf {
  LogicalPtr node;
  PartyId owner = kNoParty;
  bool optional = false;
  std::vector<ExpressionPtr> on;  // optional leaves: their ON conjuncts besides the key equality
  ColumnId key = 0;
  bool unique = false;  // at most one row a key
  std::uint64_t row_bound = 0;
  std::uint64_t key_bound = 0;  // most distinct keys
};

// columns[c] = expression over leaf columns (or over aggregate results, above an inner aggregate).
using Definitions = std::vector<std::pair<ColumnId, ExpressionPtr>>;

struct JoinBlock {
  std::vector<Leaf> leaves;
  std::vector<ExpressionPtr> conjuncts;  // over leaf columns: WHERE and inner ON, less the key equalities
  std::vector<ColumnId> key_class;       // sorted; the leaves' key columns and their equals
};

struct Question {
  AggregateNode top;                     // its group_by and calls refer to columns resolved by `upper`
  std::optional<AggregateNode> inner;    // grouped by the key: one group a person
  std::vector<ExpressionPtr> conjuncts;  // above `inner`, resolved to its columns
  Definitions upper;                     // columns above `inner` (or above the joins if there is none)
  Definitions lower;                     // columns between `inner` and the leaves
  JoinBlock block;
};

// Requires: the aggregate's input spans several owners. `sql` is quoted in refusals.
absl::StatusOr<Question> TakeApart(const AggregateNode& top, const LogicalPlan& plan, const Catalog& catalog,
                                   std::string_view sql);

// Replaces defined columns until only undefined ones remain.
ExpressionPtr Resolve(const ExpressionPtr& expression, const Definitions& definitions);

}  // namespace care::planner
