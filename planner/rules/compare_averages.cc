#include <algorithm>
#include <optional>
#include <utility>

#include "planner/logical/build_expressions.h"
#include "planner/logical/column_facts.h"
#include "planner/logical/row_facts.h"
#include "planner/rules/table_rules.h"

namespace care::planner {
namespace {

// factor * AVG, the factor a positive constant.
struct ScaledAverage {
  ExpressionPtr sum;
  ExpressionPtr count;
  Decimal factor{1, 0};
};

std::optional<Decimal> AsConstant(const ExpressionPtr& expression) {
  const auto* literal = std::get_if<LiteralExpression>(&expression->node);
  if (literal == nullptr) return std::nullopt;
  if (const auto* integer = std::get_if<std::int64_t>(&literal->value)) return Decimal{*integer, 0};
  if (const auto* decimal = std::get_if<Decimal>(&literal->value)) return *decimal;
  return std::nullopt;
}

std::optional<ScaledAverage> AsScaledAverage(const ExpressionPtr& expression) {
  if (const auto* cast = std::get_if<CastExpression>(&expression->node)) {
    // A cast to plain NUMERIC keeps every digit.
    if (expression->type.kind == TypeKind::kNumeric && expression->type.precision == 0) return AsScaledAverage(cast->operand);
    return std::nullopt;
  }
  const auto* call = std::get_if<CallExpression>(&expression->node);
  if (call == nullptr) return std::nullopt;
  if (call->function == Function::kAverageOf) return ScaledAverage{call->arguments[0], call->arguments[1]};
  if (call->function != Function::kMultiply) return std::nullopt;
  for (int side = 0; side < 2; ++side) {
    const std::optional<Decimal> factor = AsConstant(call->arguments[side]);
    if (!factor || factor->unscaled <= 0) continue;
    std::optional<ScaledAverage> average = AsScaledAverage(call->arguments[1 - side]);
    if (!average || average->factor != Decimal{1, 0}) continue;
    average->factor = *factor;
    return average;
  }
  return std::nullopt;
}

bool HoldsAverage(const ExpressionPtr& expression) {
  const auto* call = std::get_if<CallExpression>(&expression->node);
  if (call != nullptr && call->function == Function::kAverageOf) return true;
  const std::vector<ExpressionPtr> children = ChildrenOf(expression);
  return std::any_of(children.begin(), children.end(), HoldsAverage);
}

int ScaleOf(const DataType& type) { return type.kind == TypeKind::kNumeric ? type.scale : 0; }

constexpr int kMostDigits = 36;
Int128 PowerOfTen(int exponent) {
  Int128 power = 1;
  for (int i = 0; i < exponent; ++i) power *= 10;
  return power;
}

// Whether x op factor * AVG, with the average rounded as PostgreSQL rounds it, is the same as with the exact one. The average has at
// least 16 - 4 w digits after the point, w the place of its first digit in base 10000, so it is off by less than half of the last
// of them; x and the exact product differ by a multiple of 10^-D / count, D the digits after the point of either.
bool RoundingCannotTell(const ExpressionPtr& other, const ScaledAverage& average, const std::vector<ColumnInfo>& columns) {
  const ColumnFacts sum = FactsOf(average.sum, columns);
  const ColumnFacts count = FactsOf(average.count, columns);
  if (!sum.range || !count.range) return false;
  const int sum_scale = ScaleOf(average.sum->type);
  const Int128 most_sum = std::max(sum.range->high, -sum.range->low) / PowerOfTen(std::min(sum_scale, kMostDigits)) + 1;
  int weight = 0;
  for (Int128 limit = 10'000; limit <= most_sum; limit *= 10'000) ++weight;
  const int digits = std::max(16 - 4 * weight, sum_scale);
  const int common = std::max(ScaleOf(other->type), average.factor.scale + sum_scale);
  // 10^-D / count > factor * 10^-digits / 2
  const int spare = digits + average.factor.scale - common;
  if (spare < 0 || spare > kMostDigits) return false;
  Int128 product = 0;
  if (__builtin_mul_overflow(average.factor.unscaled, std::max<Int128>(1, count.range->high), &product)) return false;
  if (2 * PowerOfTen(spare) <= product) return false;
  // Equal only if the average is x / factor: its digits must end before PostgreSQL's do.
  int twos = 0, fives = 0;
  Int128 rest = average.factor.unscaled;
  for (; rest % 2 == 0; rest /= 2) ++twos;
  for (; rest % 5 == 0; rest /= 5) ++fives;
  return rest == 1 && common + std::max(twos, fives) <= digits;
}

ExpressionPtr Product(const ExpressionPtr& a, const ExpressionPtr& b) {
  DataType type = kNumericType;
  type.scale = static_cast<std::uint8_t>(ScaleOf(a->type) + ScaleOf(b->type));
  return MakeCall(Function::kMultiply, {a, b}, type);
}

ExpressionPtr Rewrite(const ExpressionPtr& expression, const std::vector<ColumnInfo>& columns) {
  const auto* call = std::get_if<CallExpression>(&expression->node);
  if (call == nullptr || call->arguments.size() != 2) return expression;
  for (int side = 0; side < 2; ++side) {
    const std::optional<Function> function = side == 1 ? std::optional(call->function) : Mirrored(call->function);
    if (!function || !Mirrored(*function)) return expression;
    const ExpressionPtr& other = call->arguments[1 - side];
    const std::optional<ScaledAverage> average = AsScaledAverage(call->arguments[side]);
    if (!average || HoldsAverage(other) || !RoundingCannotTell(other, *average, columns)) continue;
    DataType factor_type = kNumericType;
    factor_type.scale = static_cast<std::uint8_t>(average->factor.scale);
    const bool one = average->factor == Decimal{1, 0};
    const ExpressionPtr scaled =
        one ? average->sum : Product(average->sum, MakeLiteral(average->factor, factor_type));
    // The count of a NULL average is zero and its sum NULL, and so is the comparison.
    return MakeCall(*function, {Product(other, average->count), scaled}, kBooleanType, expression->position);
  }
  return expression;
}

}  // namespace

LogicalPtr CompareAverages(const LogicalPtr& node, const LogicalPlan& plan, const Catalog& catalog) {
  if (ScannedParties(*node, catalog).empty()) return node;
  std::vector<LogicalPtr> children;
  for (const LogicalPtr& child : ChildrenOf(*node)) children.push_back(CompareAverages(child, plan, catalog));
  return MapExpressions(WithChildren(node, std::move(children)), [&](const ExpressionPtr& whole) {
    return TransformExpression(whole, [&](const ExpressionPtr& part) { return Rewrite(part, plan.columns); });
  });
}

}  // namespace care::planner
