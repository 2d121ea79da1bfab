// connectors/select/value_range.h
//
// Bounds of what an expression can yield, from literals and declared ranges, in units of the stored integer: a
// database may do arithmetic only where no result can leave its type, since what happens then differs.
#pragma once

#include <optional>
#include <vector>

#include "engine/types/decimal.h"
#include "planner/logical/logical_plan.h"

namespace care::connectors {

struct IntegerRange {
  Int128 low;
  Int128 high;
};

int ScaleOf(const DataType& type);  // 0 of everything but NUMERIC
Int128 PowerOfTen(int exponent);
std::optional<IntegerRange> TypeRange(const DataType& type);
bool Within(const IntegerRange& inner, const IntegerRange& outer);

class ValueRanges {
 public:
  // The plan's columns, by ColumnId; they must outlive this.
  explicit ValueRanges(const std::vector<planner::ColumnInfo>& columns) : columns_(columns) {}

  // At the scale of the expression's type; none if unproven.
  std::optional<IntegerRange> RangeOf(const planner::ExpressionPtr& expression) const;
  std::optional<IntegerRange> RangeAtScale(const planner::ExpressionPtr& expression, int scale) const;

 private:
  const std::vector<planner::ColumnInfo>& columns_;
};

}  // namespace care::connectors
