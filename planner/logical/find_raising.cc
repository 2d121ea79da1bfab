#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "planner/logical/column_facts.h"

namespace care::planner {
namespace {

// No more than 38 digits: no range that is known has half as many.
Int128 PowerOfTen(int exponent) {
  Int128 power = 1;
  for (int i = 0; i < std::min(exponent, 38); ++i) power *= 10;
  return power;
}

bool CanBeZero(const ExpressionPtr& divisor, const std::vector<ColumnInfo>& columns) {
  // NULLIF(y, 0) is never zero, whatever y is.
  if (const auto* call = std::get_if<CallExpression>(&divisor->node)) {
    if (call->function == Function::kNullIf) {
      const auto* cast = std::get_if<CastExpression>(&call->arguments[1]->node);
      const bool floating = cast != nullptr && call->arguments[1]->type.IsFloat();
      const auto* literal = std::get_if<LiteralExpression>(&(floating ? cast->operand : call->arguments[1])->node);
      if (literal != nullptr && literal->value == Value(std::int64_t{0})) return false;
      if (literal != nullptr && std::holds_alternative<Decimal>(literal->value) &&
          std::get<Decimal>(literal->value).unscaled == 0) {
        return false;
      }
    }
    if (call->function == Function::kNegate) return CanBeZero(call->arguments[0], columns);
  }
  if (const auto* cast = std::get_if<CastExpression>(&divisor->node)) {
    if (divisor->type.IsFloat() && cast->operand->type.IsExactNumber()) return CanBeZero(cast->operand, columns);
    if (divisor->type.precision == 0 && divisor->type.kind == TypeKind::kNumeric)
      return CanBeZero(cast->operand, columns);
  }
  const std::optional<IntegerRange> range = FactsOf(divisor, columns).range;
  return !range || (range->low <= 0 && range->high >= 0);
}

bool ProvenWithin(const ExpressionPtr& expression, const std::vector<ColumnInfo>& columns, TypeKind kind) {
  const std::optional<IntegerRange> range = FactsOf(expression, columns).range;
  if (!range) return false;
  const std::optional<IntegerRange> limit = RangeOfType({kind});
  return !limit || (range->low >= limit->low && range->high <= limit->high);
}

std::optional<RaisingPart> CastRaising(const CastExpression& cast, const ExpressionPtr& whole,
                                       const std::vector<ColumnInfo>& columns) {
  const DataType& from = cast.operand->type;
  const DataType& to = whole->type;
  const std::string what = absl::StrCat("a cast from ", from.ToString(), " to ", to.ToString());
  if (from.kind == to.kind && from.kind != TypeKind::kNumeric) return std::nullopt;
  if (from.IsFloat() && to.kind != TypeKind::kDouble && to.kind != TypeKind::kText) {
    return RaisingPart{whole, absl::StrCat(what, " can be out of range on some rows"), "cast the aggregate instead"};
  }
  if (from.kind == TypeKind::kText) {
    return RaisingPart{whole, absl::StrCat(what, " can fail on some rows"),
                       "let the owner declare the column with the type that you need"};
  }
  if (to.IsInteger() && from.IsExactNumber()) {
    ColumnFacts facts = FactsOf(cast.operand, columns);
    const std::optional<IntegerRange> limit =
        to.kind == TypeKind::kBigInt ? IntegerRange{INT64_MIN, INT64_MAX} : RangeOfType(to);
    const Int128 unit = from.kind == TypeKind::kNumeric ? PowerOfTen(from.scale) : Int128{1};
    if (from.IsInteger() && from.kind <= to.kind) return std::nullopt;
    if (facts.range && facts.range->low / unit > limit->low && facts.range->high / unit < limit->high)
      return std::nullopt;
    return RaisingPart{whole, absl::StrCat(what, " can be out of range on some rows"),
                       "let the federation file declare min and max for the column"};
  }
  if (to.kind == TypeKind::kNumeric && to.precision != 0) {
    ColumnFacts facts = FactsOf(cast.operand, columns);
    const int from_scale = from.kind == TypeKind::kNumeric ? from.scale : 0;
    const Int128 limit = PowerOfTen(to.precision - to.scale + from_scale);
    // One unit is kept back for rounding up.
    if (facts.range && facts.range->low > -limit + 1 && facts.range->high < limit - 1) return std::nullopt;
    return RaisingPart{whole, absl::StrCat(what, " can overflow on some rows"),
                       "cast to numeric without a precision"};
  }
  return std::nullopt;
}

std::optional<RaisingPart> CallRaising(const CallExpression& call, const ExpressionPtr& whole,
                                       const std::vector<ColumnInfo>& columns) {
  switch (call.function) {
    case Function::kDivide:
    case Function::kModulo:
      if (CanBeZero(call.arguments[1], columns)) {
        return RaisingPart{whole, "a division by zero can occur on some rows", "write x / NULLIF(y, 0)"};
      }
      return std::nullopt;
    case Function::kAdd:
    case Function::kSubtract:
    case Function::kMultiply:
    case Function::kNegate:
    case Function::kAbs:
      if (whole->type.IsInteger() && !ProvenWithin(whole, columns, whole->type.kind)) {
        return RaisingPart{
            whole,
            absl::StrCat("the result can leave the range of ", whole->type.ToString(), " on some rows"),
            whole->type.kind == TypeKind::kBigInt
                ? "write CAST(x AS numeric), or let the federation file declare min and max for the column"
                : "write CAST(x AS bigint), or let the federation file declare min and max for the column"};
      }
      return std::nullopt;
    case Function::kSquareRoot:
    case Function::kPower:
    case Function::kExponential:
    case Function::kNaturalLogarithm:
    case Function::kLogarithm:
      return RaisingPart{whole, "this function can fail on some rows", "use it above the aggregates, as in SQRT(SUM(x)::double precision)"};
    case Function::kDateAddDays:
    case Function::kDateAddInterval:
    case Function::kTimestampAddInterval:
      if (!FactsOf(whole, columns).range) {
        return RaisingPart{whole, "the date can leave the calendar on some rows",
                           "let the federation file declare min and max for the date column"};
      }
      return std::nullopt;
    default:
      return std::nullopt;
  }
}

}  // namespace

std::optional<RaisingPart> FindRaising(const ExpressionPtr& expression,
                                       const std::vector<ColumnInfo>& columns) {
  if (expression == nullptr) return std::nullopt;
  for (const ExpressionPtr& child : ChildrenOf(expression)) {
    if (std::optional<RaisingPart> found = FindRaising(child, columns)) return found;
  }
  if (const auto* call = std::get_if<CallExpression>(&expression->node))
    return CallRaising(*call, expression, columns);
  if (const auto* cast = std::get_if<CastExpression>(&expression->node))
    return CastRaising(*cast, expression, columns);
  return std::nullopt;
}

}  // namespace care::planner
