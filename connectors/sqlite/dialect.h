// connectors/sqlite/dialect.h
//
// The dialect profile of SQLite: what it computes exactly as PostgreSQL would, and how it writes it. Expressions:
// dialect_expression.h. Aggregates: COUNT, SUM, MIN, MAX, BOOL_AND, BOOL_OR, each with DISTINCT and FILTER. Not
// AVG. Semi- and anti-joins on one equality, other joins of every kind; UNION, INTERSECT and EXCEPT but not INTERSECT ALL and
// EXCEPT ALL; windows.
#pragma once

#include <string>
#include <vector>

#include "connectors/select/select_builder.h"
#include "connectors/sqlite/dialect_expression.h"

namespace care::connectors {

class SqliteDialect : public SelectDialect {
 public:
  // `columns` must outlive the dialect.
  explicit SqliteDialect(const std::vector<planner::ColumnInfo>& columns) : columns_(columns), expressions_(columns) {}

  absl::StatusOr<std::string> Expression(const planner::ExpressionPtr& expression, const Scope& scope) const override;
  absl::StatusOr<std::string> Aggregate(const planner::AggregateCall& call, const std::string& argument) const override;
  absl::StatusOr<std::string> SemiJoin(const planner::JoinNode& join, const SqlSelect& left,
                                       const SqlSelect& right) const override;
  std::string SortTerm(const std::string& sql, const planner::SortKey& key, bool never_null) const override;
  absl::Status FullJoin(const planner::JoinNode& join, const SqlSelect& left, const SqlSelect& right) const override;
  bool CountsEqualRows() const override { return false; }
  absl::StatusOr<std::string> SetInput(const std::string& sql, planner::ColumnId from,
                                       planner::ColumnId to) const override;
  absl::StatusOr<std::string> Constant(const Value& value, planner::ColumnId column) const override;
  // SQLite indexes made rows by itself but no table WITHOUT ROWID, and might scan that for each of the others. CROSS keeps the order.
  const char* JoinWithMadeRows() const override { return " CROSS JOIN "; }
  bool MisplacesFullJoins() const override { return true; }  // 3.40, joined with a UNION ALL
  const char* NoLimit() const override { return "-1"; }
  std::string SubqueryName(const char*) const override { return {}; }

 private:
  const std::vector<planner::ColumnInfo>& columns_;
  SqliteExpressions expressions_;
};

}  // namespace care::connectors
