#include "planner/logical/build_expressions.h"
#include "planner/physical/joint_cost.h"

#include <algorithm>
#include <bit>

#include "absl/strings/str_cat.h"
#include "planner/physical/joint_expressions.h"

namespace care::planner {
namespace {

bool IsLiteral(const ExpressionPtr& expression) {
  return std::holds_alternative<LiteralExpression>(expression->node);
}

}  // namespace

void JointCost::IsTrue(const ExpressionPtr& expression) {
  if (const auto* in = std::get_if<InListExpression>(&expression->node)) {
    for (const Value& value : in->values) {
      Compare(Function::kEqual, in->operand, MakeLiteral(value, in->operand->type));
      And();
    }
    return;
  }
  const auto* call = std::get_if<CallExpression>(&expression->node);
  if (call == nullptr) return;
  switch (call->function) {
    case Function::kAnd:
    case Function::kOr:
      for (std::size_t i = 0; i < call->arguments.size(); ++i) {
        IsTrue(call->arguments[i]);
        if (i > 0) And();
      }
      return;
    case Function::kNot:
    case Function::kIsFalse:
      return IsFalse(call->arguments[0]);
    case Function::kIsTrue:
      return IsTrue(call->arguments[0]);
    case Function::kIsUnknown:
      IsTrue(call->arguments[0]);
      return IsFalse(call->arguments[0]);
    case Function::kIsNull:
    case Function::kIsNotNull:
      NotNull(call->arguments[0]);
      return;
    default:
      if (call->arguments.size() == 2) Compare(call->function, call->arguments[0], call->arguments[1]);
  }
}

void JointCost::IsFalse(const ExpressionPtr& expression) {
  if (IsLiteral(expression)) return;
  if (const auto* call = std::get_if<CallExpression>(&expression->node)) {
    switch (call->function) {
      case Function::kAnd:
      case Function::kOr:
        for (std::size_t i = 0; i < call->arguments.size(); ++i) {
          IsFalse(call->arguments[i]);
          if (i > 0) And();
        }
        return;
      case Function::kNot:
        return IsTrue(call->arguments[0]);
      case Function::kIsTrue:
      case Function::kIsFalse:
      case Function::kIsUnknown:
      case Function::kIsNull:
      case Function::kIsNotNull:
        return IsTrue(expression);
      default:
        break;
    }
  }
  IsTrue(expression);
  NotNull(expression);
}

bool JointCost::NotNull(const ExpressionPtr& expression) {
  if (IsLiteral(expression)) return IsNullLiteral(expression);
  if (const auto* column = std::get_if<ColumnExpression>(&expression->node)) {
    for (const NullWhereZero& rule : plan_.null_where_zero) {
      if (rule.sum != column->column) continue;
      const std::int64_t most = plan_.columns[rule.count].max.value_or(0);
      const auto width =
          std::max(1u, static_cast<unsigned>(std::bit_width(static_cast<std::uint64_t>(most))));
      total_ += mpc::RingToBitsCost(space_.slots, width) + mpc::LessThanPublicCost(space_.slots, width, 1);
      return true;
    }
    return space_.not_null.count(column->column) != 0;
  }
  if (const auto* chosen = std::get_if<CaseExpression>(&expression->node)) {
    BranchSelectors(*chosen);
    bool any = false;
    for (std::size_t i = 0; i <= chosen->branches.size(); ++i) {
      const ExpressionPtr& result =
          i < chosen->branches.size() ? chosen->branches[i].result : chosen->otherwise;
      if (result == nullptr) continue;
      if (NotNull(result)) And();
      any = true;
    }
    return any;
  }
  const auto* call = std::get_if<CallExpression>(&expression->node);
  if (call != nullptr && call->function == Function::kCoalesce) {
    for (std::size_t i = 0; i < call->arguments.size(); ++i) {
      if (!NotNull(call->arguments[i])) return false;
      if (i > 0) And();
    }
    return true;
  }
  if (call != nullptr && (call->function == Function::kAnd || call->function == Function::kOr)) {
    IsTrue(expression);
    IsFalse(expression);
    return true;
  }
  if (call != nullptr && IsNeverNull(call->function)) return false;
  bool known = false;
  for (const ExpressionPtr& child : ChildrenOf(expression)) {
    if (!NotNull(child)) continue;
    if (known) And();
    known = true;
  }
  return known;
}

void JointCost::Compare(Function function, const ExpressionPtr& left, const ExpressionPtr& right) {
  const bool equality = function == Function::kEqual || function == Function::kNotEqual;
  const bool swapped = function == Function::kGreater || function == Function::kLessOrEqual;
  const ExpressionPtr& first = swapped ? right : left;
  const ExpressionPtr& second = swapped ? left : right;
  const std::string name =
      absl::StrCat(PrintExpression(first, plan_.columns), " < ", PrintExpression(second, plan_.columns));
  const std::uint8_t scale = std::max(RingScale(left, plan_.columns), RingScale(right, plan_.columns));
  const ComparisonRange* range = FindRange(plan_.comparison_ranges, first->type, scale);
  if (range != nullptr && (equality || compared_.insert(name).second)) {
    Comparand(first, *range);
    Comparand(second, *range);
    total_ += equality ? mpc::EqualBitsCost(space_.slots, range->width)
                       : mpc::LessThanBitsCost(space_.slots, range->width);
  }
  for (const ExpressionPtr& side : {left, right}) {
    if (NotNull(side)) And();
  }
}

void JointCost::Comparand(const ExpressionPtr& expression, const ComparisonRange& range) {
  if (IsLiteral(expression)) return;
  const auto* column = std::get_if<ColumnExpression>(&expression->node);
  if (column != nullptr && space_.bits.count(column->column) != 0) return;
  if (!comparands_.insert(PrintExpression(expression, plan_.columns)).second) return;
  Ring(expression);
  total_ += mpc::RingToBitsCost(space_.slots, range.width);
}

void JointCost::ZeroWhereNull(const ExpressionPtr& expression) {
  Ring(expression);
  if (std::holds_alternative<ColumnExpression>(expression->node) || !NotNull(expression)) return;
  BitsToRing();
  Multiply();
}

void JointCost::BranchSelectors(const CaseExpression& chosen) {
  for (std::size_t i = 0; i < chosen.branches.size(); ++i) {
    IsTrue(chosen.branches[i].condition);
    if (i > 0) And();
  }
}

void JointCost::RingOfCase(const CaseExpression& chosen) {
  BranchSelectors(chosen);
  for (std::size_t i = 0; i <= chosen.branches.size(); ++i) {
    const ExpressionPtr& result = i < chosen.branches.size() ? chosen.branches[i].result : chosen.otherwise;
    if (result == nullptr || IsNullLiteral(result) || IsZeroLiteral(result)) continue;
    BitsToRing();
    if (IsLiteral(result)) continue;
    ZeroWhereNull(result);
    Multiply();
  }
}

void JointCost::RingOfCoalesce(const CallExpression& call) {
  bool missing = false;
  for (std::size_t i = 0; i < call.arguments.size(); ++i) {
    const ExpressionPtr& argument = call.arguments[i];
    const bool last = i + 1 == call.arguments.size();
    if ((i > 0 && !missing) || (last && IsZeroLiteral(argument))) return;
    ZeroWhereNull(argument);
    if (i > 0) {
      BitsToRing();
      Multiply();
    }
    const bool only_zero_follows = i + 2 == call.arguments.size() && IsZeroLiteral(call.arguments.back());
    if (last || only_zero_follows || !NotNull(argument)) return;
    if (missing) And();
    missing = true;
  }
}

void JointCost::Ring(const ExpressionPtr& expression) {
  if (const auto* chosen = std::get_if<CaseExpression>(&expression->node)) return RingOfCase(*chosen);
  if (const auto* cast = std::get_if<CastExpression>(&expression->node)) return Ring(cast->operand);
  const auto* call = std::get_if<CallExpression>(&expression->node);
  if (call == nullptr) return;
  if (call->function == Function::kCoalesce) return RingOfCoalesce(*call);
  for (const ExpressionPtr& argument : call->arguments) Ring(argument);
  if (call->function != Function::kMultiply) return;
  if (!IsLiteral(call->arguments[0]) && !IsLiteral(call->arguments[1])) Multiply();
}

}  // namespace care::planner
