#include "connectors/select/value_range.h"

#include <algorithm>
#include <limits>

namespace care::connectors {
namespace {

using planner::CallExpression;
using planner::CaseExpression;
using planner::CastExpression;
using planner::ColumnExpression;
using planner::ExpressionPtr;
using planner::Function;
using planner::InListExpression;
using planner::LiteralExpression;

constexpr Int128 kLowest = std::numeric_limits<std::int64_t>::min();
constexpr Int128 kHighest = std::numeric_limits<std::int64_t>::max();

template <class... Handlers>
struct Overloaded : Handlers... {
  using Handlers::operator()...;
};
template <class... Handlers>
Overloaded(Handlers...) -> Overloaded<Handlers...>;

std::optional<IntegerRange> Clamped(IntegerRange range) {
  if (!Within(range, {kLowest, kHighest})) return std::nullopt;
  return range;
}

std::optional<IntegerRange> Union(const std::optional<IntegerRange>& a, const std::optional<IntegerRange>& b) {
  if (!a || !b) return std::nullopt;
  return IntegerRange{std::min(a->low, b->low), std::max(a->high, b->high)};
}

std::optional<IntegerRange> Product(const IntegerRange& a, const IntegerRange& b) {
  const Int128 corners[] = {a.low * b.low, a.low * b.high, a.high * b.low, a.high * b.high};
  return Clamped({*std::min_element(corners, corners + 4), *std::max_element(corners, corners + 4)});
}

}  // namespace

int ScaleOf(const DataType& type) { return type.kind == TypeKind::kNumeric ? type.scale : 0; }

Int128 PowerOfTen(int exponent) {
  Int128 power = 1;
  for (int i = 0; i < exponent; ++i) power *= 10;
  return power;
}

std::optional<IntegerRange> TypeRange(const DataType& type) {
  switch (type.kind) {
    case TypeKind::kBoolean:
      return IntegerRange{0, 1};
    case TypeKind::kSmallInt:
      return IntegerRange{std::numeric_limits<std::int16_t>::min(), std::numeric_limits<std::int16_t>::max()};
    case TypeKind::kInteger:
      return IntegerRange{std::numeric_limits<std::int32_t>::min(), std::numeric_limits<std::int32_t>::max()};
    case TypeKind::kBigInt:
      return IntegerRange{kLowest, kHighest};
    case TypeKind::kNumeric: {
      if (type.precision == 0 || type.precision > 18) return IntegerRange{kLowest, kHighest};
      const Int128 limit = PowerOfTen(type.precision) - 1;
      return IntegerRange{-limit, limit};
    }
    default:
      return std::nullopt;
  }
}

bool Within(const IntegerRange& inner, const IntegerRange& outer) {
  return inner.low >= outer.low && inner.high <= outer.high;
}

std::optional<IntegerRange> ValueRanges::RangeAtScale(const ExpressionPtr& expression, int scale) const {
  const std::optional<IntegerRange> range = RangeOf(expression);
  const int shift = scale - ScaleOf(expression->type);
  if (!range || shift < 0 || shift > 18) return std::nullopt;
  return Clamped({range->low * PowerOfTen(shift), range->high * PowerOfTen(shift)});
}

std::optional<IntegerRange> ValueRanges::RangeOf(const ExpressionPtr& expression) const {
  const DataType& type = expression->type;
  const int scale = ScaleOf(type);
  if (scale > 18) return std::nullopt;
  return std::visit(Overloaded{
                        [&](const LiteralExpression& literal) -> std::optional<IntegerRange> {
                          if (const bool* boolean = std::get_if<bool>(&literal.value))
                            return IntegerRange{*boolean, *boolean};
                          if (const std::int64_t* integer = std::get_if<std::int64_t>(&literal.value)) {
                            return Clamped({*integer * PowerOfTen(scale), *integer * PowerOfTen(scale)});
                          }
                          if (const Decimal* decimal = std::get_if<Decimal>(&literal.value)) {
                            const absl::StatusOr<Decimal> scaled = RescaleDecimal(*decimal, scale);
                            if (!scaled.ok()) return std::nullopt;
                            return Clamped({scaled->unscaled, scaled->unscaled});
                          }
                          if (IsNull(literal.value) && (type.IsExactNumber() || type.kind == TypeKind::kBoolean)) {
                            return IntegerRange{0, 0};
                          }
                          return std::nullopt;
                        },
                        [&](const ColumnExpression& column) -> std::optional<IntegerRange> {
                          std::optional<IntegerRange> range = TypeRange(type);
                          if (!range) return std::nullopt;
                          const planner::ColumnInfo& info = columns_[column.column];
                          if (info.min) range->low = std::max<Int128>(range->low, *info.min);
                          if (info.max) range->high = std::min<Int128>(range->high, *info.max);
                          return range;
                        },
                        [&](const CallExpression& call) -> std::optional<IntegerRange> {
                          std::vector<IntegerRange> operands;
                          const bool product = call.function == Function::kMultiply;
                          switch (call.function) {
                            case Function::kAdd:
                            case Function::kSubtract:
                            case Function::kMultiply:
                            case Function::kNegate:
                            case Function::kAbs:
                            case Function::kCoalesce:
                            case Function::kNullIf:
                              break;
                            default:
                              return type.kind == TypeKind::kBoolean ? TypeRange(type) : std::nullopt;
                          }
                          for (const ExpressionPtr& argument : call.arguments) {
                            const auto range = RangeAtScale(argument, product ? ScaleOf(argument->type) : scale);
                            if (!range) return std::nullopt;
                            operands.push_back(*range);
                          }
                          IntegerRange range = operands[0];
                          switch (call.function) {
                            case Function::kAdd:
                              return Clamped({range.low + operands[1].low, range.high + operands[1].high});
                            case Function::kSubtract:
                              return Clamped({range.low - operands[1].high, range.high - operands[1].low});
                            case Function::kMultiply:
                              return Product(range, operands[1]);
                            case Function::kNegate:
                              return Clamped({-range.high, -range.low});
                            case Function::kAbs:
                              return Clamped({0, std::max(range.high, -range.low)});
                            case Function::kCoalesce:
                              for (const IntegerRange& other : operands) range = *Union(range, other);
                              return range;
                            default:
                              return range;
                          }
                        },
                        [&](const CaseExpression& cases) -> std::optional<IntegerRange> {
                          std::optional<IntegerRange> range = RangeAtScale(cases.otherwise, scale);
                          for (const CaseExpression::Branch& branch : cases.branches) {
                            range = Union(range, RangeAtScale(branch.result, scale));
                          }
                          return range;
                        },
                        [&](const CastExpression& cast) -> std::optional<IntegerRange> {
                          if (!type.IsExactNumber() || !cast.operand->type.IsExactNumber()) return std::nullopt;
                          return RangeAtScale(cast.operand, scale);
                        },
                        [&](const planner::SubqueryExpression&) -> std::optional<IntegerRange> { return std::nullopt; },
                        [&](const InListExpression&) -> std::optional<IntegerRange> { return TypeRange(kBooleanType); },
                    },
                    expression->node);
}

}  // namespace care::connectors
