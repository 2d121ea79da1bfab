// planner/logical/column_facts.h
//
// What is publicly known of an expression's value, whatever the rows are: whether it can be NULL, the range
// of its stored integer, its domain, and whether computing it can raise an error. Ranges travel by interval
// arithmetic in 128 bits; where they leave 63 bits they are forgotten, never clamped.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "engine/types/decimal.h"
#include "planner/logical/logical_plan.h"

namespace care::planner {

struct IntegerRange {
  Int128 low = 0;
  Int128 high = 0;
};

struct ColumnFacts {
  bool nullable = true;
  std::optional<IntegerRange> range;  // at the scale of the expression's type
  std::vector<std::string> domain;
  std::uint32_t max_bytes = 0;  // TEXT: most bytes; 0: unknown
  std::string period;           // ColumnInfo::period
};

// The range that a type alone proves: integers and numeric(p,s).
std::optional<IntegerRange> RangeOfType(const DataType& type);
// The range of integers of scale `from` as those of scale `to`, which is not less; nothing where it leaves 63 bits.
std::optional<IntegerRange> AtScale(const std::optional<IntegerRange>& range, int from, int to);

ColumnFacts FactsOf(const ExpressionPtr& expression, const std::vector<ColumnInfo>& columns);
// Of an aggregate's result over at most `row_bound` rows (0: unknown).
ColumnFacts FactsOf(const AggregateCall& call, bool grouped, std::uint64_t row_bound,
                    const std::vector<ColumnInfo>& columns);
void SetFacts(const ColumnFacts& facts, ColumnInfo& info);
// What a scan says of a column.
ColumnInfo InfoOf(const Catalog& catalog, int table, int table_column);

// The innermost part of the expression whose error could depend on a row; null if the expression is total.
struct RaisingPart {
  ExpressionPtr part;
  std::string why;   // "a division by zero"
  std::string hint;  // how to make it total
};
std::optional<RaisingPart> FindRaising(const ExpressionPtr& expression,
                                       const std::vector<ColumnInfo>& columns);

// Most rows that a node yields, from declared bounds and unique keys; 0 if 64 bits do not hold it.
std::uint64_t RowBoundOf(const LogicalNode& node, const LogicalPlan& plan, const Catalog& catalog);

// The facts of what one node defines, from those of its children.
void RefreshNodeFacts(const LogicalNode& node, LogicalPlan& plan, const Catalog& catalog);
// Derives every column's facts anew, bottom-up: after binding and after rewrites.
void RefreshFacts(LogicalPlan& plan, const Catalog& catalog);
// The same of a subtree that is not in the plan yet.
void RefreshColumns(const LogicalNode& node, LogicalPlan& plan, const Catalog& catalog);

}  // namespace care::planner
