#include "engine/exec/finish.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "engine/exec/finish_operators.h"
#include "engine/exec/local/statistics.h"
#include "engine/types/check.h"
#include "engine/types/status_macros.h"

namespace care::engine {
namespace {

using planner::LogicalPtr;

absl::StatusOr<Value> ResultOf(const planner::FinishCall& call, const OpenedCells& opened, std::size_t cell) {
  const std::int64_t count = opened.by_measure[call.count_measure][cell];
  switch (call.function) {
    case planner::AggregateFunction::kCountStar:
    case planner::AggregateFunction::kCount:
      return Value(count);
    case planner::AggregateFunction::kSum: {
      if (count == 0) return Value(Null{});
      const std::int64_t sum = opened.by_measure[call.sum_measure][cell];
      if (call.type.kind == TypeKind::kBigInt) return Value(sum);
      return Value(Decimal{sum, call.scale});
    }
    case planner::AggregateFunction::kAverage: {
      if (count == 0) return Value(Null{});
      CARE_ASSIGN_OR_RETURN(const Decimal average,
                            AverageOf(Decimal{opened.by_measure[call.sum_measure][cell], call.scale}, count));
      return Value(average);
    }
    default:
      return absl::InternalError("the plan releases an aggregate that the recipient cannot finish");
  }
}

// The one Release of a star's plan.
const planner::ReleaseNode* ReleaseOf(const LogicalPtr& node) {
  if (const auto* release = std::get_if<planner::ReleaseNode>(&node->node)) return release;
  for (const LogicalPtr& child : planner::ChildrenOf(*node)) {
    if (const planner::ReleaseNode* release = ReleaseOf(child)) return release;
  }
  return nullptr;
}

absl::StatusOr<ReleasedRows> RowsOfCells(const planner::PhysicalPlan& plan, const planner::CellsNode& cells,
                                         const OpenedCells& opened, std::uint32_t threshold) {
  const planner::ReleaseNode* release = ReleaseOf(plan.finish);
  CARE_CHECK(release != nullptr);
  // The plan may group by a derived column; the query's own ids name the same values, in order.
  const auto& top = std::get<planner::AggregateNode>(release->child->node);
  CARE_CHECK(top.group_by.size() == cells.groups.size());
  ReleasedRows rows;
  for (const planner::ColumnId column : top.group_by) rows.AddColumn(column);
  for (const planner::FinishCall& call : plan.calls) rows.AddColumn(call.column);
  std::vector<std::size_t> uncertain;
  for (std::size_t cell = 0; cell < opened.survives.size(); ++cell) {
    bool hidden = !opened.survives[cell];
    if (hidden && threshold <= 1) {
      // Nothing is suppressed, so a hidden cell is an empty one: no group, or the one row of no groups.
      if (!cells.groups.empty()) continue;
      hidden = false;
    }
    std::size_t rest = cell;
    for (std::size_t i = cells.groups.size(); i-- > 0;) {
      const planner::GroupDomain& group = cells.groups[i];
      const std::size_t code = rest % group.size();
      rest /= group.size();
      rows.columns[i].Append(code < group.values.size() ? group.values[code] : Value(Null{}));
    }
    for (std::size_t i = 0; i < plan.calls.size(); ++i) {
      Value value;
      if (!hidden) {
        CARE_ASSIGN_OR_RETURN(value, ResultOf(plan.calls[i], opened, cell));
      }
      rows.columns[cells.groups.size() + i].Append(std::move(value), hidden);
    }
    // The row of no groups always stands.
    if (hidden && !cells.groups.empty()) uncertain.push_back(rows.rows);
    ++rows.rows;
  }
  for (const std::size_t row : uncertain) rows.MarkUncertain(row);
  for (std::size_t i = 0; i < cells.groups.size(); ++i) {
    if (cells.groups[i].column == top.group_by[i]) continue;
    ReleasedColumn derived = rows.columns[i];
    derived.column = cells.groups[i].column;
    rows.columns.push_back(std::move(derived));
  }
  return rows;
}

class Finisher {
 public:
  explicit Finisher(std::vector<ReleasedRows> releases) : releases_(std::move(releases)) {}

  absl::StatusOr<ReleasedRows> Run(const LogicalPtr& node) {
    if (std::holds_alternative<planner::ReleaseNode>(node->node)) {
      if (next_release_ >= releases_.size()) return absl::InternalError("a release of the plan was not opened");
      ReleasedRows rows = std::move(releases_[next_release_++]);
      incomplete_ = incomplete_ || rows.incomplete;
      return rows;
    }
    std::vector<ReleasedRows> children;
    for (const LogicalPtr& child : planner::ChildrenOf(*node)) {
      CARE_ASSIGN_OR_RETURN(ReleasedRows rows, Run(child));
      children.push_back(std::move(rows));
    }
    // What is made of several groups is made of released ones only.
    const bool combines = std::holds_alternative<planner::AggregateNode>(node->node) ||
                          std::holds_alternative<planner::GroupingSetsNode>(node->node) ||
                          std::holds_alternative<planner::WindowNode>(node->node);
    combines_incomplete_ = combines_incomplete_ || (combines && children[0].incomplete);
    return FinishOperator(*node, std::move(children));
  }

  bool incomplete() const { return incomplete_; }
  bool combines_incomplete() const { return combines_incomplete_; }

 private:
  std::vector<ReleasedRows> releases_;
  std::size_t next_release_ = 0;
  bool incomplete_ = false;
  bool combines_incomplete_ = false;
};

}  // namespace

absl::StatusOr<ReleasedTable> FinishRows(const LogicalPtr& finish, std::vector<ReleasedRows> releases,
                                         const std::vector<planner::OutputColumn>& output, std::uint32_t threshold) {
  Finisher finisher(std::move(releases));
  CARE_ASSIGN_OR_RETURN(ReleasedRows rows, finisher.Run(finish));
  ReleasedTable table;
  table.columns = output;
  table.rows.resize(rows.rows);
  table.suppressed.resize(rows.rows);
  // Whatever row a filter could not decide on is noted, even where the hidden value itself is not printed.
  bool any_hidden = false;
  for (std::size_t row = 0; row < rows.rows; ++row) {
    table.rows[row].reserve(output.size());
    table.suppressed[row].reserve(output.size());
    any_hidden = any_hidden || rows.IsUncertain(row);
  }
  for (const planner::OutputColumn& column : output) {
    const ReleasedColumn& from = rows.Find(column.column);
    for (std::size_t row = 0; row < rows.rows; ++row) {
      const bool hidden = from.IsHidden(row);
      table.rows[row].push_back(from.values[row]);
      table.suppressed[row].push_back(hidden);
      any_hidden = any_hidden || hidden;
    }
  }
  if (any_hidden) {
    table.notes.push_back(
        absl::StrCat("suppressed: fewer than ", threshold,
                     " persons, or hidden so that such a cell cannot be computed from the others"));
  }
  if (finisher.incomplete() && threshold > 1) {
    table.notes.push_back(absl::StrCat("groups of fewer than ", threshold, " persons are not shown",
                                       finisher.combines_incomplete() ? ", and no total or rank counts them" : ""));
  }
  return table;
}

absl::StatusOr<ReleasedTable> Finish(const planner::PhysicalPlan& plan, const planner::CellsNode& cells,
                                     const OpenedCells& opened, std::uint32_t threshold) {
  std::vector<ReleasedRows> releases;
  CARE_ASSIGN_OR_RETURN(ReleasedRows rows, RowsOfCells(plan, cells, opened, threshold));
  releases.push_back(std::move(rows));
  return FinishRows(plan.finish, std::move(releases), plan.output, threshold);
}

}  // namespace care::engine
