#include "planner/logical/column_place.h"

namespace care::planner {
namespace {

bool IsKnown(const sql::SourcePosition& position) { return position != sql::SourcePosition{}; }

// `position` becomes that of the first read of the column, unless it is known already.
void FindRead(const ExpressionPtr& expression, ColumnId column, sql::SourcePosition& position) {
  if (expression == nullptr || IsKnown(position)) return;
  const auto* read = std::get_if<ColumnExpression>(&expression->node);
  if (read != nullptr && read->column == column) position = expression->position;
  for (const ExpressionPtr& child : ChildrenOf(expression)) FindRead(child, column, position);
}

void FindReads(const LogicalPtr& node, ColumnId column, sql::SourcePosition& position) {
  MapExpressions(node, [&](const ExpressionPtr& expression) {
    FindRead(expression, column, position);
    return expression;
  });
  for (const LogicalPtr& child : ChildrenOf(*node)) FindReads(child, column, position);
}

sql::SourcePosition Definition(const LogicalNode& node, ColumnId column) {
  if (const auto* project = std::get_if<ProjectNode>(&node.node)) {
    for (const NamedExpression& item : project->columns) {
      if (item.column == column && IsKnown(item.expression->position)) return item.expression->position;
    }
  } else if (const auto* aggregate = std::get_if<AggregateNode>(&node.node)) {
    for (const NamedAggregate& named : aggregate->calls) {
      if (named.column == column && IsKnown(named.call.position)) return named.call.position;
    }
  } else if (const auto* window = std::get_if<WindowNode>(&node.node)) {
    for (const NamedWindowCall& named : window->calls) {
      if (named.column == column && IsKnown(named.call.position)) return named.call.position;
    }
  }
  for (const LogicalPtr& child : ChildrenOf(node)) {
    const sql::SourcePosition position = Definition(*child, column);
    if (IsKnown(position)) return position;
  }
  return {};
}

}  // namespace

sql::SourcePosition PlaceOf(const LogicalNode& node, ColumnId column) {
  sql::SourcePosition position = Definition(node, column);
  if (!IsKnown(position)) FindReads(MakeNode(node.node), column, position);
  return position;
}

}  // namespace care::planner
