// planner/logical/same_rows.h
//
// Whether two subtrees yield the same rows under other column ids: a common table that is read twice, or one that a rewrite copied.
#pragma once

#include <map>
#include <optional>
#include <vector>

#include "planner/logical/logical_plan.h"

namespace care::planner {

class SameRows {
 public:
  explicit SameRows(const std::vector<ColumnInfo>& columns) : columns_(columns) {}

  // Whether the second subtree yields the rows of the first, with these columns or fewer. What LIMIT leaves is never taken as the
  // same: nothing says which rows it is of equal ones.
  bool Match(const LogicalNode& a, const LogicalNode& b);

  // The first subtree's column that is the second's `column`.
  std::optional<ColumnId> Of(ColumnId column) const;

 private:
  bool Same(const ExpressionPtr& a, const ExpressionPtr& b) const;
  bool MatchPart(const ScanNode& a, const ScanNode& b);
  bool MatchPart(const FilterNode& a, const FilterNode& b);
  bool MatchPart(const ProjectNode& a, const ProjectNode& b);
  bool MatchPart(const JoinNode& a, const JoinNode& b);
  bool MatchPart(const AggregateNode& a, const AggregateNode& b);
  bool MatchPart(const DistinctNode& a, const DistinctNode& b);
  bool MatchPart(const ValuesNode& a, const ValuesNode& b);
  bool MatchPart(const SetOperationNode& a, const SetOperationNode& b);
  bool MatchPart(const WindowNode& a, const WindowNode& b);
  template <typename Node>
  bool MatchPart(const Node&, const Node&) {
    return false;
  }
  bool SameCalls(const AggregateCall& a, const AggregateCall& b) const;

  const std::vector<ColumnInfo>& columns_;
  std::map<ColumnId, ColumnId> columns_of_;
};

}  // namespace care::planner
