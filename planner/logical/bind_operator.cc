// Operators and conversions: which types meet, and what they yield.
#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "engine/types/status_macros.h"
#include "grammar/interval_text.h"
#include "planner/logical/build_expressions.h"
#include "planner/logical/fold_expression.h"
#include "planner/logical/query_binder.h"
#include "planner/logical/type_rules.h"

namespace care::planner {
namespace {

bool IsUnknown(const ExpressionPtr& expression) { return expression->type.kind == TypeKind::kUnknown; }

const Interval* IntervalOf(const ExpressionPtr& expression) {
  const auto* literal = std::get_if<LiteralExpression>(&expression->node);
  return literal == nullptr ? nullptr : std::get_if<Interval>(&literal->value);
}

bool IsQuotient(const ExpressionPtr& expression) {
  const auto* call = std::get_if<CallExpression>(&expression->node);
  return call != nullptr && call->function == Function::kDivide;
}

std::string_view SymbolOf(Function function) {
  switch (function) {
    case Function::kAdd:
      return "+";
    case Function::kSubtract:
      return "-";
    case Function::kMultiply:
      return "*";
    case Function::kDivide:
      return "/";
    case Function::kModulo:
      return "%";
    case Function::kEqual:
      return "=";
    case Function::kNotEqual:
      return "<>";
    case Function::kLess:
      return "<";
    case Function::kLessOrEqual:
      return "<=";
    case Function::kGreater:
      return ">";
    case Function::kGreaterOrEqual:
      return ">=";
    case Function::kIsDistinct:
      return "IS DISTINCT FROM";
    case Function::kIsNotDistinct:
      return "IS NOT DISTINCT FROM";
    default:
      return "?";
  }
}

std::string Mismatch(Function function, const ExpressionPtr& left, const ExpressionPtr& right) {
  return absl::StrCat("operator does not exist: ", left->type.ToString(), " ",
                      std::string(SymbolOf(function)), " ", right->type.ToString());
}

}  // namespace

QueryBinder::Result QueryBinder::CoerceTo(const ExpressionPtr& expression, const DataType& type) {
  absl::StatusOr<ExpressionPtr> coerced = Coerce(expression, type);
  if (coerced.ok()) return coerced;
  return Error(expression->position, std::string(coerced.status().message()));
}

absl::StatusOr<DataType> QueryBinder::Unify(Arguments& values, std::string_view what,
                                            sql::SourcePosition position) {
  DataType common;
  bool first = true;
  for (const ExpressionPtr& value : values) {
    // PostgreSQL leaves them out of a COALESCE.
    if (what == "COALESCE" && IsNullLiteral(value)) continue;
    const std::optional<DataType> next = first ? value->type : CommonType(common, value->type);
    first = false;
    if (!next.has_value()) {
      return Error(value->position, absl::StrCat(std::string(what), " types ", common.ToString(), " and ",
                                                 value->type.ToString(), " cannot be matched"));
    }
    common = *next;
  }
  if (common.kind == TypeKind::kUnknown) common = kTextType;
  if (common.kind == TypeKind::kInterval)
    return NotYet(position, absl::StrCat("an interval in ", std::string(what)));
  int scale = 0;
  for (ExpressionPtr& value : values) {
    CARE_ASSIGN_OR_RETURN(value, CoerceTo(value, common));
    scale = std::max<int>(scale, value->type.scale);
  }
  // An untyped literal may have brought more digits.
  if (common.kind == TypeKind::kNumeric && scale > common.scale) {
    common = {TypeKind::kNumeric, 0, static_cast<std::uint8_t>(scale)};
  }
  return common;
}

QueryBinder::Result QueryBinder::Compare(Function function, ExpressionPtr left, ExpressionPtr right,
                                         sql::SourcePosition position) {
  // A constant's time of day counts beside what date +- interval yields.
  if (IsUnknown(right)) left = AsTimestamp(left);
  if (IsUnknown(left)) right = AsTimestamp(right);
  std::optional<DataType> common = CommonType(left->type, right->type);
  // Beside a number of another type a real is compared as a double.
  if (common == kRealType && !IsUnknown(left) && !IsUnknown(right) && left->type != right->type) common = kDoubleType;
  const auto either = [&](TypeKind kind) { return left->type.kind == kind || right->type.kind == kind; };
  if (!common.has_value()) {
    return Error(position, Mismatch(function, left, right),
                 either(TypeKind::kText)      ? "compare values of one type; CAST converts constants"
                 : either(TypeKind::kDate)    ? "dates are written DATE '2024-01-31'"
                 : either(TypeKind::kBoolean) ? "a boolean is a condition itself; its constants are TRUE and FALSE"
                                              : "");
  }
  if (common->kind == TypeKind::kInterval) return NotYet(position, "comparing intervals");
  const DataType wanted = common->kind == TypeKind::kUnknown ? kTextType : *common;
  if (wanted.IsFloat()) {
    for (ExpressionPtr* side : {&left, &right}) {
      CARE_ASSIGN_OR_RETURN(*side, CoerceTo(*side, wanted));
    }
    if (std::optional<std::pair<ExpressionPtr, ExpressionPtr>> exact = ExactSides(left, right)) {
      return MakeCall(function, {std::move(exact->first), std::move(exact->second)}, kBooleanType, position);
    }
  }
  for (ExpressionPtr* side : {&left, &right}) {
    // Numbers of other widths and scales compare by value: only constants change their type.
    const bool literal = std::holds_alternative<LiteralExpression>((*side)->node);
    if (wanted.IsExactNumber() && (*side)->type.IsExactNumber() && !literal) continue;
    CARE_ASSIGN_OR_RETURN(*side, CoerceTo(*side, wanted));
  }
  return MakeCall(function, {std::move(left), std::move(right)}, kBooleanType, position);
}

QueryBinder::Result QueryBinder::Arithmetic(Function function, ExpressionPtr left, ExpressionPtr right,
                                            sql::SourcePosition position) {
  for (auto [side, other] : {std::pair(&left, right), std::pair(&right, left)}) {
    if (!IsUnknown(*side)) continue;
    if (IsUnknown(other)) {
      return Error(
          position,
          absl::StrCat("operator is not unique: unknown ", std::string(SymbolOf(function)), " unknown"),
          "cast one of the constants to its type");
    }
    other = AsTimestamp(other);
    if (other->type.IsTimestamp() && function == Function::kAdd) {
      const auto* literal = std::get_if<LiteralExpression>(&(*side)->node);
      const auto* text = literal == nullptr ? nullptr : std::get_if<std::string>(&literal->value);
      if (text == nullptr) return Error(position, Mismatch(function, left, right), "write the interval as INTERVAL '1 day'");
      const absl::StatusOr<Interval> interval = sql::ParseInterval(*text, "");
      if (!interval.ok()) return Error((*side)->position, std::string(interval.status().message()));
      *side = MakeLiteral(*interval, {TypeKind::kInterval}, (*side)->position);
      continue;
    }
    const DataType wanted =
        other->type.kind == TypeKind::kDate && function == Function::kAdd ? kIntegerType : other->type;
    CARE_ASSIGN_OR_RETURN(*side, CoerceTo(*side, wanted.kind == TypeKind::kNumeric ? kNumericType : wanted));
  }
  const auto temporal = [](const ExpressionPtr& side) {
    return side->type.kind == TypeKind::kDate || side->type.IsTimestamp() || side->type.kind == TypeKind::kInterval;
  };
  if (temporal(left) || temporal(right))
    return DateArithmetic(function, std::move(left), std::move(right), position);
  const std::optional<DataType> type = ArithmeticType(function, left->type, right->type);
  if (!type.has_value()) return Error(position, Mismatch(function, left, right));
  for (ExpressionPtr* side : {&left, &right}) {
    if (std::holds_alternative<LiteralExpression>((*side)->node) && type->kind == TypeKind::kNumeric) {
      CARE_ASSIGN_OR_RETURN(*side, CoerceTo(*side, kNumericType));
    }
  }
  return MakeCall(function, {std::move(left), std::move(right)}, *type, position);
}

QueryBinder::Result QueryBinder::DateArithmetic(Function function, ExpressionPtr left, ExpressionPtr right,
                                                sql::SourcePosition position) {
  const bool adds = function == Function::kAdd;
  if (!adds && function != Function::kSubtract) {
    if (left->type.kind == TypeKind::kInterval || right->type.kind == TypeKind::kInterval) {
      return NotYet(position, "arithmetic with intervals", "write the interval as one constant");
    }
    return Error(position, Mismatch(function, left, right));
  }
  if (adds && left->type.kind != TypeKind::kDate && !left->type.IsTimestamp()) std::swap(left, right);
  if (right->type.kind != TypeKind::kInterval) {
    left = AsTimestamp(left);
    right = AsTimestamp(right);
  }
  const Interval* time = IntervalOf(right);
  if (time != nullptr && time->microseconds != 0) left = AsTimestamp(left);
  if (left->type.IsTimestamp() || (left->type.kind == TypeKind::kDate && time != nullptr && time->microseconds != 0)) {
    return TimestampArithmetic(function, std::move(left), std::move(right), position);
  }
  if (left->type.kind != TypeKind::kDate)
    return NotYet(position, "arithmetic with intervals", "write the interval as one constant");
  if (right->type.kind == TypeKind::kInterval) {
    const Interval* interval = IntervalOf(right);
    if (interval == nullptr) return NotYet(right->position, "an interval that is not a constant");
    const Interval step = adds ? *interval : Interval{-interval->months, -interval->days};
    ExpressionPtr literal = MakeLiteral(step, right->type, right->position);
    const DataType type = AsTimestamp(left)->type.kind == TypeKind::kTimestampTz ? kTimestampTzType : kTimestampType;
    CARE_ASSIGN_OR_RETURN(ExpressionPtr moved,
                          Moved(MakeCall(Function::kDateAddInterval, {std::move(left), std::move(literal)}, kDateType, position)));
    return MarkTimestamp(std::move(moved), type);
  }
  if (right->type.IsTimestamp() && !adds) {
    CARE_ASSIGN_OR_RETURN(left, CoerceTo(left, right->type));
    return TimestampArithmetic(function, std::move(left), std::move(right), position);
  }
  if (right->type.kind == TypeKind::kDate) {
    if (adds) return Error(position, Mismatch(function, left, right));
    return MakeCall(Function::kDateDifference, {std::move(left), std::move(right)}, kIntegerType, position);
  }
  if (right->type.kind != TypeKind::kSmallInt && right->type.kind != TypeKind::kInteger) {
    return Error(position, Mismatch(function, left, right));
  }
  if (!adds) {
    CARE_ASSIGN_OR_RETURN(right, Negate(std::move(right), position));
  }
  return Moved(MakeCall(Function::kDateAddDays, {std::move(left), std::move(right)}, kDateType, position));
}

QueryBinder::Result QueryBinder::Moved(ExpressionPtr sum) const {
  const Arguments& parts = std::get<CallExpression>(sum->node).arguments;
  const std::optional<Value> moment = ConstantOf(parts[0]);
  const bool known = moment && !IsNull(*moment) && ConstantOf(parts[1]);
  if (known && !ConstantOf(sum)) return NotYet(sum->position, "a date outside of the years 1 to 9999");
  return sum;
}

QueryBinder::Result QueryBinder::TimestampArithmetic(Function function, ExpressionPtr left, ExpressionPtr right,
                                                     sql::SourcePosition position) {
  const bool adds = function == Function::kAdd;
  if (!adds && (right->type.IsTimestamp() || right->type.kind == TypeKind::kDate)) {
    return NotYet(position, "the interval between two timestamps as a value",
                  "EXTRACT(EPOCH FROM a - b) is its length in seconds, EXTRACT(DAY FROM a - b) its whole days; CAST(a AS date) - CAST(b AS date) counts days");
  }
  if (right->type.kind != TypeKind::kInterval) return Error(position, Mismatch(function, left, right), "write the interval as INTERVAL '1 day'");
  const Interval* interval = IntervalOf(right);
  if (interval == nullptr) return NotYet(right->position, "an interval that is not a constant");
  const Interval step = adds ? *interval : Interval{-interval->months, -interval->days, -interval->microseconds};
  if (left->type.kind == TypeKind::kDate) {
    CARE_ASSIGN_OR_RETURN(left, CoerceTo(left, kTimestampType));
  }
  const DataType type = left->type;
  ExpressionPtr literal = MakeLiteral(step, right->type, right->position);
  return Moved(MakeCall(Function::kTimestampAddInterval, {std::move(left), std::move(literal)}, type, position));
}

QueryBinder::Result QueryBinder::Negate(ExpressionPtr operand, sql::SourcePosition position) {
  if (const auto* literal = std::get_if<LiteralExpression>(&operand->node)) {
    if (const auto* integer = std::get_if<std::int64_t>(&literal->value);
        integer != nullptr && *integer != INT64_MIN) {
      return MakeLiteral(-*integer, operand->type, position);
    }
    if (const auto* decimal = std::get_if<Decimal>(&literal->value)) {
      DataType type = operand->type;
      if (type.kind == TypeKind::kNumeric) type.precision = 0;
      return MakeLiteral(Decimal{-decimal->unscaled, decimal->scale}, type, position);
    }
    if (const auto* interval = std::get_if<Interval>(&literal->value)) {
      return MakeLiteral(Interval{-interval->months, -interval->days, -interval->microseconds}, operand->type, position);
    }
  }
  if (!operand->type.IsExactNumber() && !operand->type.IsFloat()) {
    return Error(position, absl::StrCat("operator does not exist: - ", operand->type.ToString()));
  }
  DataType type = operand->type;
  if (type.kind == TypeKind::kNumeric) type.precision = 0;
  return MakeCall(Function::kNegate, {std::move(operand)}, type, position);
}

QueryBinder::Result QueryBinder::CastTo(ExpressionPtr operand, const DataType& type,
                                        sql::SourcePosition position) {
  if (const auto* literal = std::get_if<LiteralExpression>(&operand->node)) {
    absl::StatusOr<std::optional<Value>> value = CastLiteral(literal->value, type);
    if (!value.ok()) return Error(operand->position, std::string(value.status().message()));
    if (value->has_value()) {
      DataType literal_type = type;
      if (const auto* decimal = std::get_if<Decimal>(&**value); decimal != nullptr && type.precision == 0) {
        literal_type.scale = static_cast<std::uint8_t>(decimal->scale);
      }
      return MakeLiteral(std::move(**value), literal_type, position);
    }
  }
  if (type.IsFloat() && operand->type.kind == TypeKind::kUnknown) return CoerceTo(operand, type);
  if (type.kind == TypeKind::kNumeric && type.precision != 0 && operand->type.IsFloat()) {
    if (const ExpressionPtr exact = FixedPointOf(operand)) operand = exact;
  }
  if (!CastExists(operand->type, type)) {
    return Error(position,
                 absl::StrCat("cannot cast type ", operand->type.ToString(), " to ", type.ToString()));
  }
  if (type.kind == TypeKind::kText) operand = AsTimestamp(operand);
  // A cast of numeric to an integer rounds as ROUND does, which says of a quotient how many digits it needs.
  if (type.IsInteger() && operand->type.kind == TypeKind::kNumeric && IsQuotient(operand) && !ConstantOf(operand)) {
    operand = MakeCall(Function::kRound, {operand, MakeLiteral(std::int64_t{0}, kIntegerType, operand->position)}, kNumericType, operand->position);
  }
  DataType target = type;
  if (target.kind == TypeKind::kNumeric && target.precision == 0) {
    // Without a precision nothing is rounded: the operand's digits stay.
    if (operand->type.kind == TypeKind::kNumeric && operand->type.precision == 0) return operand;
    target.scale = operand->type.kind == TypeKind::kNumeric ? operand->type.scale : 0;
  }
  const bool same = target == operand->type || (target.kind == TypeKind::kText && target.max_length == 0 &&
                                                operand->type.kind == TypeKind::kText);
  if (same) {
    // A copy, so that a timestamp cast to date is a date.
    Expression copy = *operand;
    copy.position = position;
    return std::make_shared<const Expression>(std::move(copy));
  }
  return std::make_shared<const Expression>(Expression{CastExpression{std::move(operand)}, target, position});
}

ExpressionPtr QueryBinder::MarkTimestamp(ExpressionPtr expression, const DataType& type) {
  timestamps_.emplace_back(expression, type);  // kept alive, so that no other expression takes its address
  return expression;
}

ExpressionPtr QueryBinder::AsTimestamp(const ExpressionPtr& expression) const {
  for (const auto& [marked, type] : timestamps_) {
    if (marked == expression) return std::make_shared<const Expression>(Expression{CastExpression{expression}, type, expression->position});
  }
  return expression;
}

}  // namespace care::planner
