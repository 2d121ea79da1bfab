// planner/rules/decorrelate.h
//
// Subqueries in expressions become joins, before any other rule runs: EXISTS and IN that decide over a row become semi-joins
// and anti-joins, all others left joins to what the subquery yields for each value of the columns that it refers
// by. NULLs count as SQL says, and a scalar subquery has its value over no rows where nothing matches. What cannot be
// proven to give the same answer is refused by name.
#pragma once

#include <map>
#include <string_view>
#include <tuple>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "planner/catalog/catalog.h"
#include "planner/logical/logical_plan.h"
#include "planner/rules/pull_correlation.h"

namespace care::planner {

class Decorrelator {
 public:
  // `sql` is the text that positions refer to.
  Decorrelator(LogicalPlan& plan, const Catalog& catalog, std::string_view sql) : plan_(plan), catalog_(catalog), sql_(sql) {}

  // The same rows without a SubqueryExpression; new columns are added to the plan.
  absl::StatusOr<LogicalPtr> Rewrite(const LogicalPtr& node);

 private:
  using Result = absl::StatusOr<ExpressionPtr>;

  absl::StatusOr<LogicalPtr> RewriteFilter(LogicalPtr child, const ExpressionPtr& predicate);
  absl::StatusOr<LogicalPtr> RewriteJoin(const JoinNode& join);

  // decorrelate_condition.cc: conjuncts that are a subquery or its negation. `child` gains a join; what is still to be
  // asked of its rows goes into `conjuncts`.
  absl::Status Exists(const Expression& subquery, bool negated, LogicalPtr& child, std::vector<ExpressionPtr>& conjuncts);
  absl::Status In(const Expression& subquery, LogicalPtr& child, std::vector<ExpressionPtr>& conjuncts);
  absl::Status NotIn(const Expression& subquery, LogicalPtr& child, std::vector<ExpressionPtr>& conjuncts);

  // decorrelate_value.cc: the subquery's value, in terms of columns that `child` then has.
  Result Lift(const ExpressionPtr& expression, LogicalPtr& child);
  Result ExistsValue(const Expression& subquery, LogicalPtr& child);
  Result InValue(const Expression& subquery, LogicalPtr& child);
  Result ScalarValue(const Expression& subquery, LogicalPtr& child);
  absl::StatusOr<LogicalPtr> JoinAggregate(LogicalPtr child, KeyedSubquery keyed, std::vector<NamedAggregate> calls);
  // For any correlation: child's rows, each joined with its matches and grouped again. Child's rows must be distinct.
  absl::StatusOr<LogicalPtr> AggregateByRow(LogicalPtr child, const PulledSubquery& pulled, std::vector<NamedAggregate> calls,
                                            sql::SourcePosition position);

  // What is looked for and what it is compared with, in terms of the pulled plan.
  struct Membership {
    PulledSubquery pulled;
    ExpressionPtr operand;
    ExpressionPtr member;
    bool nullable = true;  // either side
  };
  absl::StatusOr<Membership> MembershipOf(const Expression& subquery);
  // The rows that EXISTS asks for; null if there is always one, or never (then `never`).
  LogicalPtr RowsOfExists(LogicalPtr node, bool& never) const;

  ColumnId NewColumn(std::string_view name, DataType type, bool nullable);
  NamedAggregate CountRows(ExpressionPtr filter = nullptr);
  ExpressionPtr Column(ColumnId column) const { return MakeColumn(column, plan_.columns[column].type); }
  LogicalPtr WithColumns(LogicalPtr node, const std::vector<NamedExpression>& columns) const;
  LogicalPtr OnlyColumns(LogicalPtr node, const std::vector<ColumnId>& columns) const;
  absl::Status Refuse(sql::SourcePosition position, std::string_view what, std::string_view hint = {}) const;

  LogicalPlan& plan_;
  const Catalog& catalog_;
  std::string_view sql_;
  // Values of subqueries that were lifted: by their plan, their operand and their kind.
  std::map<std::tuple<LogicalPtr, ExpressionPtr, SubqueryKind>, ExpressionPtr> lifted_;
};

}  // namespace care::planner
