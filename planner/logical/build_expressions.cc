#include "planner/logical/build_expressions.h"

#include <algorithm>

namespace care::planner {

bool Contains(const std::vector<ColumnId>& columns, ColumnId column) {
  return std::find(columns.begin(), columns.end(), column) != columns.end();
}

ExpressionPtr CountLiteral(std::int64_t value) { return MakeLiteral(value, kBigIntType); }

ExpressionPtr WholeNumber(std::int64_t value, sql::SourcePosition position) {
  return MakeLiteral(Decimal{value, 0}, kNumericType, position);
}

ExpressionPtr CastOf(ExpressionPtr operand, const DataType& type) {
  if (operand->type == type) return operand;
  const sql::SourcePosition position = operand->position;
  return std::make_shared<const Expression>(Expression{CastExpression{std::move(operand)}, type, position});
}

ExpressionPtr Product(std::vector<ExpressionPtr> factors, const DataType& type) {
  ExpressionPtr product;
  for (ExpressionPtr& factor : factors) {
    product = product ? MakeCall(Function::kMultiply, {product, std::move(factor)}, type) : std::move(factor);
  }
  return product;
}

ExpressionPtr When(ExpressionPtr condition, ExpressionPtr result, ExpressionPtr otherwise) {
  const DataType type = result->type;
  if (!otherwise) otherwise = MakeLiteral(Null{}, type);
  return std::make_shared<const Expression>(Expression{
      CaseExpression{{{std::move(condition), std::move(result)}}, std::move(otherwise)}, type, {}});
}

ExpressionPtr NotNull(const ExpressionPtr& expression) {
  return MakeCall(Function::kIsNotNull, {expression}, kBooleanType);
}

bool IsNullLiteral(const ExpressionPtr& expression) {
  const auto* literal = std::get_if<LiteralExpression>(&expression->node);
  return literal != nullptr && IsNull(literal->value);
}

bool SameOrNull(const ExpressionPtr& a, const ExpressionPtr& b) {
  return (!a && !b) || (a && b && SameExpression(a, b));
}

std::optional<Function> Mirrored(Function comparison) {
  switch (comparison) {
    case Function::kEqual:
    case Function::kNotEqual:
      return comparison;
    case Function::kLess:
      return Function::kGreater;
    case Function::kLessOrEqual:
      return Function::kGreaterOrEqual;
    case Function::kGreater:
      return Function::kLess;
    case Function::kGreaterOrEqual:
      return Function::kLessOrEqual;
    default:
      return std::nullopt;
  }
}

bool IsStrict(Function function) {
  switch (function) {
    case Function::kAnd:
    case Function::kOr:
    case Function::kIsNull:
    case Function::kIsNotNull:
    case Function::kIsDistinct:
    case Function::kIsNotDistinct:
    case Function::kIsTrue:
    case Function::kIsFalse:
    case Function::kIsUnknown:
    case Function::kCoalesce:
    case Function::kNullIf:
    case Function::kGreatest:
    case Function::kLeast:
      return false;
    default:
      return true;
  }
}

bool IsStrict(const ExpressionPtr& expression) {
  const auto* call = std::get_if<CallExpression>(&expression->node);
  if (call != nullptr && !IsStrict(call->function)) return false;
  if (std::holds_alternative<CaseExpression>(expression->node)) return false;
  const std::vector<ExpressionPtr> children = ChildrenOf(expression);
  return std::all_of(children.begin(), children.end(), [](const ExpressionPtr& child) { return IsStrict(child); });
}

}  // namespace care::planner
