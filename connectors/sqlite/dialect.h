// connectors/sqlite/dialect.h
//
// The dialect profile of SQLite: turns a local fragment into one SELECT if, and only if, SQLite computes it
// exactly as PostgreSQL would. Expressions: dialect_expression.h. Operators: Scan, Filter, Project, Sort,
// Limit, Distinct; inner, left and cross joins; semi- and anti-joins on one equality; Aggregate with COUNT, SUM,
// MIN, MAX, BOOL_AND, BOOL_OR, each with DISTINCT and FILTER. Not: AVG, full joins, Release.
//
// Operators are folded into one SELECT while SQL's order of clauses allows, so that EXPLAIN shows what a person
// would have written, and wrapped into a subquery where it does not.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "connectors/sqlite/dialect_expression.h"
#include "connectors/sqlite/schema.h"
#include "planner/logical/logical_plan.h"

namespace care::connectors {

// One SELECT under construction.
struct SqliteSelect {
  struct Output {
    planner::ColumnId column;
    ScopeColumn value;
  };
  std::vector<Output> outputs;
  std::string from;
  std::vector<std::string> where;
  std::vector<std::string> group_by;
  std::vector<std::string> order_by;
  std::string limit;
  bool grouped = false;
  bool distinct = false;

  std::string ToSql() const;
};

class SqliteDialect {
 public:
  // All three must outlive the dialect.
  SqliteDialect(const planner::Catalog& catalog, const std::vector<planner::ColumnInfo>& columns,
                const std::vector<PhysicalTable>& tables)
      : catalog_(catalog), columns_(columns), tables_(tables), expressions_(columns) {}

  // Unimplemented: not proven equal. NotFound: the owner's mapping lacks a table or column.
  absl::StatusOr<SqliteSelect> Select(const planner::LogicalNode& node) const;

 private:
  absl::StatusOr<SqliteSelect> Visit(const planner::ScanNode& scan) const;
  absl::StatusOr<SqliteSelect> Visit(const planner::FilterNode& filter) const;
  absl::StatusOr<SqliteSelect> Visit(const planner::ProjectNode& project) const;
  absl::StatusOr<SqliteSelect> Visit(const planner::JoinNode& join) const;
  absl::StatusOr<SqliteSelect> Visit(const planner::AggregateNode& aggregate) const;
  absl::StatusOr<SqliteSelect> Visit(const planner::ReleaseNode& release) const;
  absl::StatusOr<SqliteSelect> Visit(const planner::SortNode& sort) const;
  absl::StatusOr<SqliteSelect> Visit(const planner::LimitNode& limit) const;
  absl::StatusOr<SqliteSelect> Visit(const planner::DistinctNode& distinct) const;

  absl::StatusOr<std::string> AggregateSql(const planner::AggregateCall& call, const Scope& scope) const;

  const planner::Catalog& catalog_;
  const std::vector<planner::ColumnInfo>& columns_;
  const std::vector<PhysicalTable>& tables_;
  SqliteExpressions expressions_;
};

}  // namespace care::connectors
