// connectors/sqlite/dialect.h
//
// The dialect profile of SQLite: what it computes exactly as PostgreSQL would, and how it writes it. Expressions:
// dialect_expression.h. Aggregates: COUNT, SUM, MIN, MAX, BOOL_AND, BOOL_OR, each with DISTINCT and FILTER. Not
// AVG. Semi- and anti-joins on one equality.
#pragma once

#include <string>
#include <vector>

#include "connectors/select/select_builder.h"
#include "connectors/sqlite/dialect_expression.h"

namespace care::connectors {

class SqliteDialect : public SelectDialect {
 public:
  // `columns` must outlive the dialect.
  explicit SqliteDialect(const std::vector<planner::ColumnInfo>& columns) : expressions_(columns) {}

  absl::StatusOr<std::string> Expression(const planner::ExpressionPtr& expression, const Scope& scope) const override;
  absl::StatusOr<std::string> Aggregate(const planner::AggregateCall& call, const std::string& argument) const override;
  absl::StatusOr<std::string> SemiJoin(const planner::JoinNode& join, const SqlSelect& left,
                                       const SqlSelect& right) const override;
  std::string SortTerm(const std::string& sql, const planner::SortKey& key, bool never_null) const override;
  const char* NoLimit() const override { return "-1"; }
  std::string SubqueryName(const char*) const override { return {}; }

 private:
  SqliteExpressions expressions_;
};

}  // namespace care::connectors
