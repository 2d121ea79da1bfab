// planner/physical/joint_expressions.h
//
// What an expression over several owners' columns needs in shared form, and whether the joint evaluator
// (engine/exec/joint_expression.h) can compute it at all. Runs over final expressions, after every part that
// one owner can compute alone has become a column of that owner's site.
//
// Truth values are bits with a second plane for "unknown"; comparisons need bits of one common range per kind
// of value; sums need the ring. A column may be needed in several forms: its owner knows it in the clear, so
// each form is one more input and never a conversion.
#pragma once

#include <functional>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "planner/physical/physical_plan.h"

namespace care::planner {

// Digits after the point of the ring value of an expression: what sums and comparisons align by.
std::uint8_t RingScale(const ExpressionPtr& expression, const std::vector<ColumnInfo>& columns);

// PostgreSQL's display scale of a value may differ from row to row, as in COALESCE(numeric(12,2), 0): then the digits of a SUM
// depend on which rows were NULL, which is nothing that a sum of integers can tell (column_digits.h, sum_digits.h).
inline constexpr std::string_view kVaryingScale =
    "the digits of this SUM would depend on which rows are NULL: it mixes numbers of different scales";
inline constexpr std::string_view kVaryingScaleHint =
    "write the constant with the column's digits: COALESCE(x, 0.00)";

bool IsZeroLiteral(const ExpressionPtr& expression);

// Tests that are true or false of a NULL too, and never NULL themselves: IS NULL, IS TRUE, IS UNKNOWN and so
// on.
bool IsNeverNull(Function function);

// What a computed column for the expression would be; the name is left empty.
ColumnInfo DerivedColumn(const ExpressionPtr& expression, const std::vector<ColumnInfo>& columns);

class FormCollector {
 public:
  // `share` receives each form that is needed (kBits without base and width: see ranges()).
  FormCollector(const std::vector<ColumnInfo>& columns, std::string_view sql,
                std::function<void(const SharedForm&)> share)
      : columns_(columns), sql_(sql), share_(std::move(share)) {}

  absl::Status Truth(const ExpressionPtr& expression);
  absl::Status Ring(const ExpressionPtr& expression, bool need_null);

  // The hull of everything that was compared, by kind and scale.
  const std::vector<ComparisonRange>& ranges() const { return ranges_; }

 private:
  absl::Status Comparand(const ExpressionPtr& expression, std::uint8_t scale);
  absl::Status Compare(const ExpressionPtr& left, const ExpressionPtr& right);
  // The range of what the expression is compared with now holds low .. high, too.
  absl::Status Widen(const ExpressionPtr& expression, std::uint8_t scale, Int128 low, Int128 high);
  absl::Status Refuse(const ExpressionPtr& expression, std::string_view what) const;

  const std::vector<ColumnInfo>& columns_;
  std::string_view sql_;
  std::function<void(const SharedForm&)> share_;
  std::vector<ComparisonRange> ranges_;
};

// The range that holds values of a type and scale, or nullptr.
const ComparisonRange* FindRange(const std::vector<ComparisonRange>& ranges, const DataType& type,
                                 std::uint8_t scale);

}  // namespace care::planner
