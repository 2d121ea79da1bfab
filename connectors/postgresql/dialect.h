// connectors/postgresql/dialect.h
//
// The dialect profile of PostgreSQL. It is the reference, so most of what a fragment holds is pushed down as it
// is; what keeps an owner's database from the reference's answer is written out or left to the node:
//
//   collation    every comparison, order, extreme and function of text is COLLATE "C"; only a column's equality
//                with a literal keeps the column's own collation, so that its index serves it
//   types        literals and computed outputs are cast, so that no type is inferred otherwise than planned
//   overflow     integer arithmetic only where declared ranges prove that no result leaves its type: then it does
//                not matter which rows a plan computes it for
//   dates        only where declared ranges prove years 1 to 9999
//   division     integers by a literal; of numerics, the digits of a quotient depend on how operands are stored
//
//   patterns     LIKE without an escape; SIMILAR TO and regular expressions, which are PostgreSQL's own
//   full joins   where an equality joins the sides, without which PostgreSQL refuses them
//
// Not: AVG (likewise), casts that can fail.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "connectors/select/select_builder.h"
#include "connectors/select/value_range.h"

namespace care::connectors {

class PostgresqlDialect : public SelectDialect {
 public:
  // The plan's columns, by ColumnId; they must outlive the dialect.
  explicit PostgresqlDialect(const std::vector<planner::ColumnInfo>& columns) : columns_(columns), ranges_(columns) {}

  absl::StatusOr<std::string> Expression(const planner::ExpressionPtr& expression, const Scope& scope) const override;
  absl::StatusOr<std::string> Aggregate(const planner::AggregateCall& call, const std::string& argument) const override;
  absl::StatusOr<std::string> SemiJoin(const planner::JoinNode& join, const SqlSelect& left,
                                       const SqlSelect& right) const override;
  std::string SortTerm(const std::string& sql, const planner::SortKey& key, bool never_null) const override;
  absl::Status FullJoin(const planner::JoinNode& join, const SqlSelect& left, const SqlSelect& right) const override;
  bool CountsEqualRows() const override { return true; }
  absl::StatusOr<std::string> SetInput(const std::string& sql, planner::ColumnId from,
                                       planner::ColumnId to) const override;
  absl::StatusOr<std::string> Constant(const Value& value, planner::ColumnId column) const override;
  const char* NoLimit() const override { return "ALL"; }
  std::string SubqueryName(const char* name) const override { return std::string(" AS ") + name; }

 private:
  absl::StatusOr<std::string> Call(const planner::CallExpression& call, const planner::ExpressionPtr& whole,
                                   const Scope& scope) const;
  absl::StatusOr<std::string> Arithmetic(const planner::CallExpression& call, const planner::ExpressionPtr& whole,
                                         const Scope& scope) const;
  absl::StatusOr<std::string> OfDates(const planner::CallExpression& call, const planner::ExpressionPtr& whole,
                                      const Scope& scope) const;
  absl::StatusOr<std::string> OfTexts(const planner::CallExpression& call, const planner::ExpressionPtr& whole,
                                      const Scope& scope) const;
  absl::StatusOr<std::string> Comparison(const planner::CallExpression& call, const char* op, const Scope& scope) const;
  // An operand of a text operation: in byte order. Anything else as it is.
  absl::StatusOr<std::string> Operand(const planner::ExpressionPtr& expression, const Scope& scope) const;
  absl::StatusOr<std::vector<std::string>> Operands(const planner::CallExpression& call, const Scope& scope) const;
  // Days that a date expression can be; none if a result could leave years 1 to 9999.
  std::optional<IntegerRange> DatesOf(const planner::ExpressionPtr& expression) const;

  const std::vector<planner::ColumnInfo>& columns_;
  ValueRanges ranges_;
};

absl::StatusOr<std::string> PostgresqlLiteral(const Value& value, const DataType& type);

}  // namespace care::connectors
