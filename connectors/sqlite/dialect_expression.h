// connectors/sqlite/dialect_expression.h
//
// The part of the dialect profile that concerns expressions: those that SQLite computes exactly as PostgreSQL
// does, written in SQLite's SQL. Everything else is Unimplemented, which sends the operator to the node's own
// evaluator.
//
//   Proven equal: comparisons of integers, booleans, ISO dates, scaled numerics and texts in byte order; AND, OR,
//   NOT, IS ...; IN; CASE, COALESCE, NULLIF; + - * and ABS where declared ranges prove that no result leaves
//   its type. Not: LIKE (case), division (by zero is NULL), months, EXTRACT, ROUND, LOWER and UPPER (ASCII
//   only), GREATEST and LEAST (NULLs), any arithmetic on decimal text.
//
// Values in flight look as in storage: 0 and 1, integers, ISO text for dates, unscaled integers for numerics.
#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "connectors/select/sql_select.h"
#include "connectors/select/value_range.h"
#include "planner/logical/logical_plan.h"

namespace care::connectors {

class SqliteExpressions {
 public:
  explicit SqliteExpressions(const std::vector<planner::ColumnInfo>& columns) : ranges_(columns) {}

  absl::StatusOr<std::string> Translate(const planner::ExpressionPtr& expression, const Scope& scope) const;

 private:
  absl::StatusOr<std::string> TranslateCall(const planner::CallExpression& call, const DataType& type,
                                            const planner::ExpressionPtr& whole, const Scope& scope) const;
  // Operands of one comparison or choice, brought to one scale if they are numbers.
  absl::StatusOr<std::vector<std::string>> Aligned(const std::vector<planner::ExpressionPtr>& operands,
                                                   const Scope& scope) const;
  absl::StatusOr<std::string> AtScale(const planner::ExpressionPtr& expression, int scale,
                                      const Scope& scope) const;

  ValueRanges ranges_;
};

// A literal as SQLite writes it, for a value of `type` (numerics unscaled at the type's scale).
absl::StatusOr<std::string> SqliteLiteral(const Value& value, const DataType& type);

}  // namespace care::connectors
