// Rows of several values, (a, b): compared with other rows, value by value, as PostgreSQL does.
#include <utility>

#include "absl/strings/str_cat.h"
#include "engine/types/status_macros.h"
#include "planner/logical/query_binder.h"

namespace care::planner {
namespace {

constexpr std::size_t kMostParts = 20'000;  // of a list of rows written out as comparisons

void CountParts(const ExpressionPtr& expression, std::size_t& count) {
  if (++count > kMostParts) return;
  for (const ExpressionPtr& child : ChildrenOf(expression)) CountParts(child, count);
}

// a < c OR (a = c AND b < d): what decides in each place but the last.
Function Strict(Function function) {
  if (function == Function::kLessOrEqual) return Function::kLess;
  return function == Function::kGreaterOrEqual ? Function::kGreater : function;
}

}  // namespace

QueryBinder::Result QueryBinder::BindNode(const sql::RowValue&, sql::SourcePosition position, ExpressionContext&) {
  return NotYet(position, "a row of several values other than in a comparison with another row, or before IN",
                "compare each value, joined by AND");
}

absl::StatusOr<QueryBinder::Arguments> QueryBinder::BindRow(const sql::Expression& row, ExpressionContext& context) {
  Arguments values;
  for (const sql::ExpressionPtr& item : std::get<sql::RowValue>(row.node).items) {
    CARE_ASSIGN_OR_RETURN(ExpressionPtr value, BindExpression(*item, context));
    values.push_back(std::move(value));
  }
  return values;
}

QueryBinder::Result QueryBinder::CompareRows(Function function, const Arguments& left, const Arguments& right,
                                             sql::SourcePosition position) {
  if (left.size() != right.size()) return Error(position, "unequal number of entries in row expressions");
  const bool all = function == Function::kEqual || function == Function::kIsNotDistinct;
  if (all || function == Function::kNotEqual || function == Function::kIsDistinct) {
    Arguments tests;
    for (std::size_t i = 0; i < left.size(); ++i) {
      CARE_ASSIGN_OR_RETURN(ExpressionPtr test, Compare(function, left[i], right[i], position));
      tests.push_back(std::move(test));
    }
    return MakeCall(all ? Function::kAnd : Function::kOr, std::move(tests), kBooleanType, position);
  }
  // From the last place, which alone may be equal.
  CARE_ASSIGN_OR_RETURN(ExpressionPtr order, Compare(function, left.back(), right.back(), position));
  for (std::size_t i = left.size() - 1; i-- > 0;) {
    CARE_ASSIGN_OR_RETURN(ExpressionPtr decides, Compare(Strict(function), left[i], right[i], position));
    CARE_ASSIGN_OR_RETURN(ExpressionPtr equal, Compare(Function::kEqual, left[i], right[i], position));
    ExpressionPtr further = MakeCall(Function::kAnd, {std::move(equal), std::move(order)}, kBooleanType, position);
    order = MakeCall(Function::kOr, {std::move(decides), std::move(further)}, kBooleanType, position);
  }
  return order;
}

QueryBinder::Result QueryBinder::BindRowComparison(Function function, const sql::Expression& left, const sql::Expression& right,
                                                   sql::SourcePosition position, ExpressionContext& context) {
  CARE_ASSIGN_OR_RETURN(const Arguments a, BindRow(left, context));
  CARE_ASSIGN_OR_RETURN(const Arguments b, BindRow(right, context));
  return CompareRows(function, a, b, position);
}

QueryBinder::Result QueryBinder::BindRowInList(const sql::InList& node, sql::SourcePosition position,
                                               ExpressionContext& context) {
  CARE_ASSIGN_OR_RETURN(const Arguments row, BindRow(*node.operand, context));
  Arguments equalities;
  std::size_t parts = 0;
  for (const sql::ExpressionPtr& item : node.items) {
    if (!IsRow(*item)) return Error(item->position, "a row is compared with rows only", "write (1, 2)");
    CARE_ASSIGN_OR_RETURN(const Arguments other, BindRow(*item, context));
    CARE_ASSIGN_OR_RETURN(ExpressionPtr equality, CompareRows(Function::kEqual, row, other, item->position));
    CountParts(equality, parts);
    if (parts > kMostParts) return NotYet(item->position, "so long a list of rows", "use fewer rows, or join a table of them");
    equalities.push_back(std::move(equality));
  }
  ExpressionPtr in = equalities.size() == 1 ? equalities[0] : MakeCall(Function::kOr, std::move(equalities), kBooleanType, position);
  return node.negated ? MakeCall(Function::kNot, {std::move(in)}, kBooleanType, position) : in;
}

}  // namespace care::planner
