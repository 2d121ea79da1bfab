// connectors/select/select_builder.h
//
// Turns a local fragment into one SELECT: Scan, Filter, Project, Sort, Limit, Distinct, Values, set operations, joins of
// every kind, windows and Aggregate, as far as the database's dialect proves them equal to PostgreSQL's. Never: Release and
// what stands above it alone.
//
// Operators are folded into one SELECT while SQL's order of clauses allows, so that EXPLAIN shows what a person
// would have written, and wrapped into a subquery where it does not.
#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "connectors/select/sql_select.h"
#include "planner/logical/logical_plan.h"

namespace care::connectors {

// What one database writes otherwise than another. Unimplemented: not proven equal.
class SelectDialect {
 public:
  virtual ~SelectDialect() = default;

  virtual absl::StatusOr<std::string> Expression(const planner::ExpressionPtr& expression,
                                                 const Scope& scope) const = 0;
  // Without the FILTER clause. `argument` is empty for COUNT(*).
  virtual absl::StatusOr<std::string> Aggregate(const planner::AggregateCall& call,
                                                const std::string& argument) const = 0;
  // The condition on the rows of `left` that a semi- or anti-join keeps.
  virtual absl::StatusOr<std::string> SemiJoin(const planner::JoinNode& join, const SqlSelect& left,
                                               const SqlSelect& right) const = 0;
  virtual std::string SortTerm(const std::string& sql, const planner::SortKey& key, bool never_null) const = 0;
  // Why the database does not run it, if it does not.
  virtual absl::Status FullJoin(const planner::JoinNode& join, const SqlSelect& left, const SqlSelect& right) const = 0;
  virtual bool CountsEqualRows() const = 0;  // INTERSECT ALL, EXCEPT ALL
  // An output of one input of a set operation, `from`, as the operation's column `to`.
  virtual absl::StatusOr<std::string> SetInput(const std::string& sql, planner::ColumnId from,
                                               planner::ColumnId to) const = 0;
  virtual absl::StatusOr<std::string> Constant(const Value& value, planner::ColumnId column) const = 0;
  // Between a table and rows made by a subquery, in this order.
  virtual const char* JoinWithMadeRows() const { return " JOIN "; }
  // The database takes a FULL JOIN out of its subquery and then finds its ON out of place; a limit keeps it there.
  virtual bool MisplacesFullJoins() const { return false; }
  virtual const char* NoLimit() const = 0;                       // LIMIT's argument where an OFFSET stands alone
  virtual std::string SubqueryName(const char* name) const = 0;  // " AS q", or nothing where none is needed
};

class SelectBuilder {
 public:
  // All must outlive the builder.
  SelectBuilder(const planner::Catalog& catalog, const std::vector<PhysicalTable>& tables, const SelectDialect& dialect)
      : catalog_(catalog), tables_(tables), dialect_(dialect) {}

  // Unimplemented: not proven equal. NotFound: the owner's mapping lacks a table or column.
  absl::StatusOr<SqlSelect> Select(const planner::LogicalNode& node) const;

 private:
  absl::StatusOr<SqlSelect> Visit(const planner::ScanNode& scan) const;
  absl::StatusOr<SqlSelect> Visit(const planner::FilterNode& filter) const;
  absl::StatusOr<SqlSelect> Visit(const planner::ProjectNode& project) const;
  absl::StatusOr<SqlSelect> Visit(const planner::JoinNode& join) const;
  absl::StatusOr<SqlSelect> Visit(const planner::AggregateNode& aggregate) const;
  absl::StatusOr<SqlSelect> Visit(const planner::ReleaseNode& release) const;
  absl::StatusOr<SqlSelect> Visit(const planner::SortNode& sort) const;
  absl::StatusOr<SqlSelect> Visit(const planner::LimitNode& limit) const;
  absl::StatusOr<SqlSelect> Visit(const planner::DistinctNode& distinct) const;
  absl::StatusOr<SqlSelect> Visit(const planner::ValuesNode& values) const;
  absl::StatusOr<SqlSelect> Visit(const planner::SetOperationNode& operation) const;
  absl::StatusOr<SqlSelect> Visit(const planner::WindowNode& window) const;
  absl::StatusOr<SqlSelect> Visit(const planner::GroupingSetsNode& sets) const;

  absl::StatusOr<std::string> WindowCallSql(const planner::WindowCall& call, const Scope& scope) const;
  absl::StatusOr<std::string> AggregateSql(const planner::AggregateCall& call, const Scope& scope) const;
  // The select as a subquery: its columns are now plain names.
  SqlSelect Wrapped(const SqlSelect& inner, const char* alias = "q") const;
  SqlSelect Named(SqlSelect select) const;

  const planner::Catalog& catalog_;
  const std::vector<PhysicalTable>& tables_;
  const SelectDialect& dialect_;
};

}  // namespace care::connectors
