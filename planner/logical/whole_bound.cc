#include "planner/logical/whole_bound.h"

#include <algorithm>

#include "planner/logical/build_expressions.h"
#include "planner/logical/column_facts.h"

namespace care::planner {
namespace {

constexpr Int128 kMost = static_cast<Int128>(INT64_MAX) / 2;

std::optional<Int128> Kept(Int128 bound) { return bound > kMost ? std::nullopt : std::optional(bound); }

Int128 UnitOf(const DataType& type) {
  Int128 unit = 1;
  for (int i = 0; type.kind == TypeKind::kNumeric && i < type.scale; ++i) unit *= 10;
  return unit;
}

Int128 Magnitude(const IntegerRange& range) { return std::max(range.high, -range.low); }

std::optional<Int128> BoundOfStored(const ExpressionPtr& expression, const std::vector<ColumnInfo>& columns) {
  const std::optional<IntegerRange> range = FactsOf(expression, columns).range;
  if (!range) return std::nullopt;
  return Kept(Magnitude(*range) / UnitOf(expression->type) + 1);
}

// Of a quotient whose dividend has the bound. Rounding its last digit up included.
std::optional<Int128> QuotientBound(const std::optional<Int128>& dividend, const ExpressionPtr& divisor,
                                    const std::vector<ColumnInfo>& columns) {
  if (!dividend || !divisor->type.IsExactNumber() || divisor->type.scale > 18) return std::nullopt;
  const std::optional<IntegerRange> range = FactsOf(divisor, columns).range;
  // Unless its range says better it may be one unit of its last digit: where it is stored as an integer.
  if (!range) return std::nullopt;
  const Int128 least = range->low > 0 ? range->low : range->high < 0 ? -range->high : Int128{1};
  return Kept(*dividend * UnitOf(divisor->type) / least + 1);
}

}  // namespace

std::optional<Int128> WholeBound(const ExpressionPtr& expression, const std::vector<ColumnInfo>& columns) {
  if (IsNullLiteral(expression)) return Int128{0};
  if (const auto* cast = std::get_if<CastExpression>(&expression->node)) {
    const bool keeps = expression->type.kind == TypeKind::kNumeric && expression->type.precision == 0;
    return keeps && cast->operand->type.IsExactNumber() ? WholeBound(cast->operand, columns)
                                                        : BoundOfStored(expression, columns);
  }
  std::vector<ExpressionPtr> alternatives;
  if (const auto* chosen = std::get_if<CaseExpression>(&expression->node)) {
    for (const CaseExpression::Branch& branch : chosen->branches) alternatives.push_back(branch.result);
    if (chosen->otherwise != nullptr) alternatives.push_back(chosen->otherwise);
  }
  const auto* call = std::get_if<CallExpression>(&expression->node);
  if (call == nullptr && alternatives.empty()) return BoundOfStored(expression, columns);
  const auto of = [&](std::size_t i) { return WholeBound(call->arguments[i], columns); };
  if (call != nullptr) {
    switch (call->function) {
      case Function::kAdd:
      case Function::kSubtract: {
        const auto a = of(0), b = of(1);
        return a && b ? Kept(*a + *b) : std::nullopt;
      }
      case Function::kMultiply: {
        const auto a = of(0), b = of(1);
        return a && b ? Kept(*a * *b) : std::nullopt;
      }
      case Function::kDivide:
        return QuotientBound(of(0), call->arguments[1], columns);
      case Function::kAverageOf:
      case Function::kNegate:
      case Function::kAbs:
      case Function::kNullIf:
        // An average is no more than the sum of one value or more.
        return of(0);
      case Function::kCoalesce:
      case Function::kGreatest:
      case Function::kLeast:
        alternatives = call->arguments;
        break;
      default:
        return BoundOfStored(expression, columns);
    }
  }
  Int128 most = 0;
  for (const ExpressionPtr& alternative : alternatives) {
    const std::optional<Int128> bound = WholeBound(alternative, columns);
    if (!bound) return std::nullopt;
    most = std::max(most, *bound);
  }
  return most;
}

}  // namespace care::planner
