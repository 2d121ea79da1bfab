// planner/physical/column_digits.h
//
// How many decimals PostgreSQL shows of a number. Its numeric values carry their own: of CASE WHEN c THEN 1.50 ELSE 0 END some rows
// are 1.50 and some are 0, and a SUM has as many decimals as the value that has most. Stored integers of one scale do not tell, so
// where it shows, a flag a row does: whether the value has at least so many decimals. The flag is a boolean expression over what the
// value is made of, and over flags of the columns below.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <vector>

#include "planner/logical/logical_plan.h"

namespace care::planner {

class ColumnDigits {
 public:
  using Scales = std::set<std::uint8_t>;
  // The flag of a column whose values have different scales.
  using FlagOfColumn = std::function<ExpressionPtr(ColumnId, std::uint8_t)>;

  // Of the columns that the tree defines.
  ColumnDigits(const LogicalPtr& root, const std::vector<ColumnInfo>& columns);

  // Which numbers of decimals a value may have, NULLs aside; nothing of quotients and averages, whose value decides.
  std::optional<Scales> Of(const ExpressionPtr& expression) const;
  bool Vary(const ExpressionPtr& expression) const;
  bool Vary(ColumnId column) const;
  // Whether a value that is not NULL has at least `scale` decimals. Of an expression that Of() knows.
  ExpressionPtr AtLeast(const ExpressionPtr& expression, std::uint8_t scale, const FlagOfColumn& flag) const;
  // Flags were asked for that are too long to write out, as those of a product of ten factors of mixed digits: what AtLeast
  // returned then is of no use.
  bool TooLong() const { return steps_ > kMostSteps; }

 private:
  static constexpr int kMostSteps = 5000;
  void Define(const LogicalNode& node);
  std::optional<Scales> OfColumn(ColumnId column) const;
  std::optional<Scales> OfCall(const ExpressionPtr& expression, const CallExpression& call) const;
  ExpressionPtr ProductAtLeast(const CallExpression& call, std::uint8_t scale, const FlagOfColumn& flag) const;
  ExpressionPtr ExtremeAtLeast(const ExpressionPtr& expression, const CallExpression& call, std::uint8_t scale,
                               const FlagOfColumn& flag) const;

  const std::vector<ColumnInfo>& columns_;
  std::set<ColumnId> open_;  // averages and the like
  // What the values of a column are taken from.
  std::map<ColumnId, std::vector<ExpressionPtr>> sources_;
  mutable std::map<ColumnId, std::optional<Scales>> known_;
  mutable int steps_ = 0;  // of AtLeast
};

}  // namespace care::planner
