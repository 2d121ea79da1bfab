#include "planner/logical/fold_expression.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "engine/types/date.h"
#include "engine/types/timestamp.h"
#include "planner/logical/build_expressions.h"
#include "planner/logical/type_rules.h"

namespace care::planner {
namespace {

const Value* LiteralOf(const ExpressionPtr& expression) {
  const auto* literal = std::get_if<LiteralExpression>(&expression->node);
  return literal == nullptr ? nullptr : &literal->value;
}

bool IsLiteral(const ExpressionPtr& expression, const Value& value) {
  const Value* literal = LiteralOf(expression);
  return literal != nullptr && *literal == value;
}

std::optional<Decimal> DecimalOf(const Value& value) {
  if (const auto* integer = std::get_if<std::int64_t>(&value)) return Decimal{*integer, 0};
  if (const auto* decimal = std::get_if<Decimal>(&value)) return *decimal;
  return std::nullopt;
}

// -1, 0, 1; nothing for values that are not compared here.
std::optional<int> Order(const Value& a, const Value& b) {
  const std::optional<Decimal> x = DecimalOf(a), y = DecimalOf(b);
  if (x && y) return CompareDecimals(*x, *y);
  if (a.index() != b.index()) return std::nullopt;
  if (const auto* date = std::get_if<Date>(&a)) {
    const std::int32_t other = std::get<Date>(b).days;
    return date->days < other ? -1 : date->days > other;
  }
  if (const auto* timestamp = std::get_if<Timestamp>(&a)) {
    const std::int64_t other = std::get<Timestamp>(b).microseconds;
    return timestamp->microseconds < other ? -1 : timestamp->microseconds > other;
  }
  if (const auto* boolean = std::get_if<bool>(&a))
    return static_cast<int>(*boolean) - static_cast<int>(std::get<bool>(b));
  if (const auto* text = std::get_if<std::string>(&a)) {
    const int order = text->compare(std::get<std::string>(b));
    return order < 0 ? -1 : order > 0;
  }
  return std::nullopt;
}

// Numbers; overflow and division stay unfolded, to be judged where they are computed.
std::optional<Value> FoldNumbers(Function function, const DataType& type, const Value& a, const Value& b) {
  if (type.IsInteger()) {
    const auto* x = std::get_if<std::int64_t>(&a);
    const auto* y = std::get_if<std::int64_t>(&b);
    std::int64_t result = 0;
    if (x == nullptr || y == nullptr) return std::nullopt;
    const bool overflow = function == Function::kAdd        ? __builtin_add_overflow(*x, *y, &result)
                          : function == Function::kSubtract ? __builtin_sub_overflow(*x, *y, &result)
                                                            : __builtin_mul_overflow(*x, *y, &result);
    const bool fits = type.kind == TypeKind::kBigInt ||
                      (type.kind == TypeKind::kInteger ? result == static_cast<std::int32_t>(result)
                                                       : result == static_cast<std::int16_t>(result));
    if (overflow || !fits) return std::nullopt;
    return Value(result);
  }
  const std::optional<Decimal> x = DecimalOf(a), y = DecimalOf(b);
  if (!x || !y) return std::nullopt;
  const absl::StatusOr<Decimal> result = function == Function::kAdd        ? AddDecimals(*x, *y)
                                         : function == Function::kSubtract ? SubtractDecimals(*x, *y)
                                                                           : MultiplyDecimals(*x, *y);
  if (!result.ok()) return std::nullopt;
  return Value(*result);
}

std::optional<Value> FoldDate(Function function, const Value& a, const Value& b) {
  const auto* date = std::get_if<Date>(&a);
  if (date == nullptr) return std::nullopt;
  std::int64_t days = date->days;
  if (function == Function::kDateAddDays) {
    if (!std::holds_alternative<std::int64_t>(b)) return std::nullopt;
    if (__builtin_add_overflow(days, std::get<std::int64_t>(b), &days)) return std::nullopt;
  } else if (function == Function::kDateAddInterval) {
    const Interval& interval = std::get<Interval>(b);
    const absl::StatusOr<std::int32_t> moved = AddMonths(date->days, interval.months);
    if (!moved.ok()) return std::nullopt;
    days = std::int64_t{*moved} + interval.days;
  } else {
    const auto* other = std::get_if<Date>(&b);
    if (other == nullptr) return std::nullopt;
    return Value(days - other->days);
  }
  // Beyond the calendar of four-digit years the expression stays as written.
  if (days < DaysFromCivil({1, 1, 1}) || days > DaysFromCivil({9999, 12, 31})) return std::nullopt;
  return Value(Date{static_cast<std::int32_t>(days)});
}

std::optional<Value> FoldTimestamp(const Value& a, const Value& b) {
  const auto* timestamp = std::get_if<Timestamp>(&a);
  if (timestamp == nullptr) return std::nullopt;
  const absl::StatusOr<std::int64_t> moved = AddInterval(timestamp->microseconds, std::get<Interval>(b));
  if (!moved.ok()) return std::nullopt;
  return Value(Timestamp{*moved, timestamp->with_time_zone});
}

std::optional<Value> FoldCall(const CallExpression& call, const DataType& type) {
  std::vector<Value> values;
  for (const ExpressionPtr& argument : call.arguments) {
    const Value* value = LiteralOf(argument);
    if (value == nullptr) return std::nullopt;
    values.push_back(*value);
  }
  const auto compared = [&](auto test) -> std::optional<Value> {
    const std::optional<int> order = Order(values[0], values[1]);
    if (!order) return std::nullopt;
    return Value(static_cast<bool>(test(*order)));
  };
  switch (call.function) {
    case Function::kNot:
      return Value(!std::get<bool>(values[0]));
    case Function::kEqual:
      return compared([](int order) { return order == 0; });
    case Function::kNotEqual:
      return compared([](int order) { return order != 0; });
    case Function::kLess:
      return compared([](int order) { return order < 0; });
    case Function::kLessOrEqual:
      return compared([](int order) { return order <= 0; });
    case Function::kGreater:
      return compared([](int order) { return order > 0; });
    case Function::kGreaterOrEqual:
      return compared([](int order) { return order >= 0; });
    case Function::kIsNull:
    case Function::kIsUnknown:
      return Value(IsNull(values[0]));
    case Function::kIsNotNull:
      return Value(!IsNull(values[0]));
    case Function::kIsTrue:
      return Value(values[0] == Value(true));
    case Function::kIsFalse:
      return Value(values[0] == Value(false));
    case Function::kAdd:
    case Function::kSubtract:
    case Function::kMultiply:
      return FoldNumbers(call.function, type, values[0], values[1]);
    case Function::kDateAddDays:
    case Function::kDateAddInterval:
    case Function::kDateDifference:
      return FoldDate(call.function, values[0], values[1]);
    case Function::kTimestampAddInterval:
      return FoldTimestamp(values[0], values[1]);
    default:
      return std::nullopt;
  }
}

// AND and OR: the neutral operand goes, the absorbing one decides.
ExpressionPtr FoldConnective(const ExpressionPtr& expression, const CallExpression& call) {
  const bool neutral = call.function == Function::kAnd;
  std::vector<ExpressionPtr> kept;
  for (const ExpressionPtr& argument : call.arguments) {
    if (IsLiteral(argument, !neutral)) return MakeLiteral(!neutral, kBooleanType, expression->position);
    if (IsLiteral(argument, neutral)) continue;
    const auto* inner = std::get_if<CallExpression>(&argument->node);
    if (inner != nullptr && inner->function == call.function) {
      kept.insert(kept.end(), inner->arguments.begin(), inner->arguments.end());
    } else {
      kept.push_back(argument);
    }
  }
  if (kept == call.arguments) return expression;
  if (kept.empty()) return MakeLiteral(neutral, kBooleanType, expression->position);
  if (kept.size() == 1) return kept[0];
  return WithChildren(expression, std::move(kept));
}

// As in PostgreSQL the precision and the length are then those of what is left; the kind and the digits stay the expression's.
bool StandsFor(const ExpressionPtr& left, const ExpressionPtr& expression) {
  return left->type.kind == expression->type.kind && left->type.scale == expression->type.scale;
}

ExpressionPtr FoldCase(const ExpressionPtr& expression, const CaseExpression& node) {
  CaseExpression kept{{}, node.otherwise};
  for (const CaseExpression::Branch& branch : node.branches) {
    if (IsLiteral(branch.condition, false) || IsNullLiteral(branch.condition)) continue;
    if (IsLiteral(branch.condition, true)) {
      kept.otherwise = branch.result;
      break;
    }
    kept.branches.push_back(branch);
  }
  if (kept.branches.empty() && kept.otherwise != nullptr && StandsFor(kept.otherwise, expression)) return kept.otherwise;
  if (kept.branches.empty() || kept.branches.size() == node.branches.size()) return expression;
  return std::make_shared<const Expression>(
      Expression{std::move(kept), expression->type, expression->position});
}

// COALESCE: what is NULL goes, and what comes after a constant that is not.
ExpressionPtr FoldCoalesce(const ExpressionPtr& expression, const CallExpression& call) {
  std::vector<ExpressionPtr> kept;
  for (const ExpressionPtr& argument : call.arguments) {
    if (IsNullLiteral(argument)) continue;
    kept.push_back(argument);
    if (LiteralOf(argument) != nullptr) break;
  }
  if (kept.empty()) return MakeLiteral(Null{}, expression->type, expression->position);
  if (kept.size() == 1 && StandsFor(kept[0], expression)) return kept[0];
  if (kept.size() < 2 || kept.size() == call.arguments.size()) return expression;
  return WithChildren(expression, std::move(kept));
}

// A constant IN (list).
ExpressionPtr FoldInList(const ExpressionPtr& expression, const InListExpression& list) {
  const Value* operand = LiteralOf(list.operand);
  if (operand == nullptr) return expression;
  Value found = IsNull(*operand) ? Value(Null{}) : Value(false);
  for (const Value& value : list.values) {
    if (IsNull(*operand) || IsNull(value)) {
      found = Null{};
      continue;
    }
    const std::optional<int> order = Order(*operand, value);
    if (!order) return expression;
    if (*order == 0) return MakeLiteral(true, kBooleanType, expression->position);
  }
  return MakeLiteral(std::move(found), kBooleanType, expression->position);
}

ExpressionPtr FoldNode(const ExpressionPtr& expression) {
  if (const auto* list = std::get_if<InListExpression>(&expression->node)) return FoldInList(expression, *list);
  if (const auto* node = std::get_if<CaseExpression>(&expression->node)) return FoldCase(expression, *node);
  const auto* call = std::get_if<CallExpression>(&expression->node);
  if (call == nullptr) return expression;
  if (call->function == Function::kAnd || call->function == Function::kOr)
    return FoldConnective(expression, *call);
  if (call->function == Function::kCoalesce) return FoldCoalesce(expression, *call);
  if (IsStrict(call->function) &&
      std::any_of(call->arguments.begin(), call->arguments.end(), IsNullLiteral)) {
    return MakeLiteral(Null{}, expression->type, expression->position);
  }
  if (std::optional<Value> value = FoldCall(*call, expression->type)) {
    return MakeLiteral(std::move(*value), expression->type, expression->position);
  }
  return expression;
}

// What a rule leaves where it stands, since its digits are its value's, a clause that takes a constant asks for at once.
std::optional<Value> FoldMore(Function function, const DataType& type, const std::vector<Value>& values) {
  if (function == Function::kNegate && type.IsExactNumber()) {
    return FoldNumbers(Function::kSubtract, type, Value(std::int64_t{0}), values[0]);
  }
  if (function == Function::kConcat) {
    const auto* left = std::get_if<std::string>(&values[0]);
    const auto* right = std::get_if<std::string>(&values[1]);
    if (left == nullptr || right == nullptr) return std::nullopt;
    return Value(absl::StrCat(*left, *right));
  }
  if (function != Function::kDivide && function != Function::kModulo) return std::nullopt;
  if (type.IsInteger()) {
    const auto* x = std::get_if<std::int64_t>(&values[0]);
    const auto* y = std::get_if<std::int64_t>(&values[1]);
    if (x == nullptr || y == nullptr || *y == 0 || *y == -1) return std::nullopt;
    return Value(function == Function::kDivide ? *x / *y : *x % *y);
  }
  const std::optional<Decimal> x = DecimalOf(values[0]), y = DecimalOf(values[1]);
  if (!x || !y || y->unscaled == 0 || function == Function::kModulo) return std::nullopt;
  const absl::StatusOr<Decimal> quotient = DivideDecimals(*x, *y);
  return quotient.ok() ? std::optional<Value>(*quotient) : std::nullopt;
}

ExpressionPtr FoldMoreOfNode(const ExpressionPtr& expression) {
  if (const auto* cast = std::get_if<CastExpression>(&expression->node)) {
    const Value* value = LiteralOf(cast->operand);
    if (value == nullptr) return expression;
    const absl::StatusOr<std::optional<Value>> read = CastLiteral(*value, expression->type);
    if (!read.ok() || !read->has_value()) return expression;
    return MakeLiteral(**read, expression->type, expression->position);
  }
  const ExpressionPtr folded = FoldNode(expression);
  const auto* call = std::get_if<CallExpression>(&folded->node);
  if (call == nullptr) return folded;
  std::vector<Value> values;
  for (const ExpressionPtr& argument : call->arguments) {
    const Value* value = LiteralOf(argument);
    if (value == nullptr) return folded;
    values.push_back(*value);
  }
  std::optional<Value> value = FoldMore(call->function, folded->type, values);
  return value ? MakeLiteral(*std::move(value), folded->type, folded->position) : folded;
}

}  // namespace

ExpressionPtr FoldExpression(const ExpressionPtr& expression) {
  return TransformExpression(expression, FoldNode);
}

std::optional<Value> ConstantOf(const ExpressionPtr& expression) {
  const ExpressionPtr folded = TransformExpression(expression, FoldMoreOfNode);
  const Value* value = LiteralOf(folded);
  return value == nullptr ? std::nullopt : std::optional<Value>(*value);
}

}  // namespace care::planner
