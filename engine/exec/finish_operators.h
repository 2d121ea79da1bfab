// engine/exec/finish_operators.h
//
// The operators above the releases, one after the other: each makes rows of its children's, with the rules of what is hidden
// (released_rows.h). PostgreSQL's answer where nothing is.
#pragma once

#include <vector>

#include "absl/status/statusor.h"
#include "engine/exec/released_rows.h"
#include "planner/logical/logical_plan.h"

namespace care::engine {

// Any node but Scan and Release, over its children's rows in order.
absl::StatusOr<ReleasedRows> FinishOperator(const planner::LogicalNode& node,
                                            std::vector<ReleasedRows> children);

// An expression for every row: hidden where it needs a hidden cell. The result has no column id.
absl::StatusOr<ReleasedColumn> EvaluateReleased(const planner::ExpressionPtr& expression,
                                                const ReleasedRows& rows);

// Sort keys over rows. `keys` must outlive the order; hidden keys come last in every direction.
class ReleasedOrder {
 public:
  static absl::StatusOr<ReleasedOrder> Of(const std::vector<planner::SortKey>& keys,
                                          const ReleasedRows& rows);
  int Compare(RowIndex a, RowIndex b) const;
  bool IsHidden(RowIndex row) const;  // whether any key of the row is

 private:
  ReleasedOrder(const std::vector<planner::SortKey>& keys, std::vector<ReleasedColumn> columns)
      : keys_(&keys), columns_(std::move(columns)) {}

  const std::vector<planner::SortKey>* keys_;
  std::vector<ReleasedColumn> columns_;
};

absl::StatusOr<ReleasedRows> FinishAggregate(const planner::AggregateNode& aggregate,
                                             const ReleasedRows& child);
absl::StatusOr<ReleasedRows> FinishGroupingSets(const planner::GroupingSetsNode& sets,
                                                const ReleasedRows& child);
absl::StatusOr<ReleasedRows> FinishWindow(const planner::WindowNode& window, ReleasedRows child);
absl::StatusOr<ReleasedRows> FinishJoin(const planner::JoinNode& join, const ReleasedRows& left,
                                        const ReleasedRows& right);
absl::StatusOr<ReleasedRows> FinishSetOperation(const planner::SetOperationNode& operation,
                                                const std::vector<ReleasedRows>& inputs);

}  // namespace care::engine
