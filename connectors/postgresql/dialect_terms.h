// connectors/postgresql/dialect_terms.h
//
// What the parts of PostgreSQL's dialect ask of a term before they write it: its type, whether it is a column or a
// literal; and how they say that it stays with the node.
#pragma once

#include <variant>

#include "absl/status/status.h"
#include "planner/logical/expression.h"

namespace care::connectors {

// Not pushed down: that the server's answer equals the reference's is not proven.
inline absl::Status NotProven(const char* what) { return absl::UnimplementedError(what); }

inline bool IsPlannedType(const DataType& type) {
  return type.IsExactNumber() || type.kind == TypeKind::kBoolean || type.kind == TypeKind::kDate ||
         type.IsTimestamp() || type.kind == TypeKind::kText;
}

inline bool IsColumn(const planner::ExpressionPtr& expression) {
  return std::holds_alternative<planner::ColumnExpression>(expression->node);
}

inline bool IsLiteral(const planner::ExpressionPtr& expression) {
  return std::holds_alternative<planner::LiteralExpression>(expression->node);
}

// Nothing if the term is no literal or a literal of another kind.
template <typename Kind>
const Kind* LiteralOf(const planner::ExpressionPtr& expression) {
  const auto* literal = std::get_if<planner::LiteralExpression>(&expression->node);
  return literal == nullptr ? nullptr : std::get_if<Kind>(&literal->value);
}

}  // namespace care::connectors
