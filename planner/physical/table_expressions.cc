#include "planner/logical/free_columns.h"
#include "planner/physical/table_expressions.h"

#include <algorithm>
#include <utility>

#include "engine/types/status_macros.h"
#include "grammar/query_error.h"
#include "planner/logical/column_facts.h"
#include "planner/physical/table_circuit.h"

namespace care::planner {
namespace {

// Most bytes of a text; 0 where nothing is known.
std::uint32_t MostBytes(const ExpressionPtr& expression, const std::vector<ColumnInfo>& columns) {
  if (const auto* literal = std::get_if<LiteralExpression>(&expression->node)) {
    const auto* text = std::get_if<std::string>(&literal->value);
    return text == nullptr ? 1 : std::max<std::uint32_t>(1, static_cast<std::uint32_t>(text->size()));
  }
  if (const auto* column = std::get_if<ColumnExpression>(&expression->node)) {
    const ColumnInfo& info = columns[column->column];
    std::size_t most = info.max_bytes != 0 ? info.max_bytes : 4u * info.type.max_length;
    if (!info.domain.empty()) most = 1;
    for (const std::string& text : info.domain) most = std::max(most, text.size());
    return static_cast<std::uint32_t>(most);
  }
  std::vector<ExpressionPtr> alternatives;
  if (const auto* chosen = std::get_if<CaseExpression>(&expression->node)) {
    for (const CaseExpression::Branch& branch : chosen->branches) alternatives.push_back(branch.result);
    if (chosen->otherwise != nullptr) alternatives.push_back(chosen->otherwise);
  } else if (const auto* call = std::get_if<CallExpression>(&expression->node)) {
    switch (call->function) {
      case Function::kCoalesce:
      case Function::kGreatest:
      case Function::kLeast:
        alternatives = call->arguments;
        break;
      case Function::kNullIf:
        alternatives = {call->arguments[0]};
        break;
      default:
        return 0;
    }
  } else if (const auto* cast = std::get_if<CastExpression>(&expression->node)) {
    if (cast->operand->type.kind == TypeKind::kText) alternatives = {cast->operand};
  }
  std::uint32_t most = 0;
  for (const ExpressionPtr& alternative : alternatives) {
    const std::uint32_t bytes = MostBytes(alternative, columns);
    if (bytes == 0) return 0;
    most = std::max(most, bytes);
  }
  return most;
}

}  // namespace

ColumnInfo JointColumn(const ExpressionPtr& expression, const std::vector<ColumnInfo>& columns) {
  if (const auto* column = std::get_if<ColumnExpression>(&expression->node)) return columns[column->column];
  ColumnInfo info{.type = expression->type};
  SetFacts(FactsOf(expression, columns), info);
  if (info.type.kind == TypeKind::kText && info.domain.empty()) info.max_bytes = MostBytes(expression, columns);
  return info;
}

absl::Status CanEvaluateJointly(const ExpressionPtr& expression, const std::vector<ColumnInfo>& columns,
                                std::string_view sql) {
  if (HasSubquery(expression)) {
    constexpr char message[] = "a subquery over columns of several owners is not supported yet";
    return sql.empty() ? absl::InvalidArgumentError(message) : sql::QueryError(sql, expression->position, message);
  }
  TableCircuit circuit(columns, BitsOnly(columns), mpc::CompareDepth::kRipple, sql);
  if (expression->type.kind == TypeKind::kBoolean) {
    circuit.AskTrue(expression);
    return circuit.Build();
  }
  ColumnInfo info = JointColumn(expression, columns);
  if (!std::holds_alternative<ColumnExpression>(expression->node)) info.name = "this value";
  absl::StatusOr<SharedValueShape> shape = ShapeOfColumn(info);
  const bool bounded = info.type.kind == TypeKind::kText || info.min.has_value() ||
                       std::holds_alternative<ColumnExpression>(expression->node);
  if (shape.ok() && !bounded) {
    shape = absl::InvalidArgumentError("the declared ranges do not bound this value, so it cannot be computed with jointly");
  }
  if (!shape.ok()) {
    return sql.empty() ? shape.status()
                       : sql::QueryError(sql, expression->position, std::string(shape.status().message()),
                                         WhatToDeclare(info));
  }
  circuit.AskValue(expression, *std::move(shape));
  return circuit.Build();
}

}  // namespace care::planner
