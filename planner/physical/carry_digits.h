// planner/physical/carry_digits.h
//
// Columns that travel beside a number whose decimals differ from row to row: whether the row's value has at least so many
// (column_digits.h). They are made where the value is, by the same owner where it can, and pass joins, filters, UNION ALL, windows and
// the sums of a subquery up to where the digits show.
#pragma once

#include <map>
#include <set>
#include <string_view>
#include <utility>

#include "absl/status/statusor.h"
#include "planner/logical/logical_plan.h"
#include "planner/physical/column_digits.h"

namespace care::planner {

class DigitCarrier {
 public:
  // A column, and a number of decimals that some of its values have.
  using Wanted = std::set<std::pair<ColumnId, std::uint8_t>>;

  DigitCarrier(const LogicalPtr& root, LogicalPlan& plan, std::string_view sql) : digits_(root, plan.columns), plan_(plan), sql_(sql) {}

  const ColumnDigits& digits() const { return digits_; }
  // A boolean expression; the flags of columns that it reads are added to `wanted` of the rows below.
  ExpressionPtr AtLeast(const ExpressionPtr& expression, std::uint8_t scale, Wanted& wanted);
  // The same rows with the flags that are wanted beside their columns. Unimplemented where PostgreSQL's digits depend on the order in
  // which it meets rows: of groups, DISTINCT rows, extremes of equal values. `position` is that of what asks.
  absl::StatusOr<LogicalPtr> Carry(const LogicalPtr& node, const Wanted& wanted, sql::SourcePosition position);
  ColumnId FlagOf(ColumnId column, std::uint8_t scale);

 private:
  absl::StatusOr<LogicalPtr> CarryNew(const LogicalPtr& node, const Wanted& wanted, sql::SourcePosition position);
  absl::StatusOr<LogicalPtr> Project(const ProjectNode& project, const Wanted& wanted, sql::SourcePosition position);
  absl::StatusOr<LogicalPtr> Join(const LogicalPtr& node, const JoinNode& join, const Wanted& wanted, sql::SourcePosition position);
  absl::StatusOr<LogicalPtr> Aggregate(const AggregateNode& aggregate, const Wanted& wanted, sql::SourcePosition position);
  absl::StatusOr<LogicalPtr> UnionAll(const SetOperationNode& operation, const Wanted& wanted, sql::SourcePosition position);
  absl::StatusOr<LogicalPtr> Window(const WindowNode& window, const Wanted& wanted, sql::SourcePosition position);
  absl::Status Undetermined(ColumnId column, sql::SourcePosition position) const;
  ColumnId Flag(std::string name, DataType type);

  ColumnDigits digits_;
  LogicalPlan& plan_;
  std::string_view sql_;
  std::map<std::pair<ColumnId, std::uint8_t>, ColumnId> flags_;
  // Subtrees that several branches share stay shared.
  std::map<std::pair<const LogicalNode*, Wanted>, LogicalPtr> carried_;
};

}  // namespace care::planner
