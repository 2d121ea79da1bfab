#include "planner/logical/expression.h"

#include <algorithm>
#include <utility>

namespace care::planner {
namespace {

template <class... Ts>
struct Overloaded : Ts... {
  using Ts::operator()...;
};
template <class... Ts>
Overloaded(Ts...) -> Overloaded<Ts...>;

bool SameOrBothNull(const ExpressionPtr& a, const ExpressionPtr& b) {
  if (a == nullptr || b == nullptr) return a == b;
  return SameExpression(a, b);
}

bool SameList(const std::vector<ExpressionPtr>& a, const std::vector<ExpressionPtr>& b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), SameExpression);
}

bool SameNode(const LiteralExpression& a, const LiteralExpression& b) { return a.value == b.value; }
bool SameNode(const ColumnExpression& a, const ColumnExpression& b) { return a.column == b.column; }
bool SameNode(const CallExpression& a, const CallExpression& b) {
  return a.function == b.function && SameList(a.arguments, b.arguments);
}
bool SameNode(const CaseExpression& a, const CaseExpression& b) {
  const auto same_branch = [](const CaseExpression::Branch& x, const CaseExpression::Branch& y) {
    return SameExpression(x.condition, y.condition) && SameExpression(x.result, y.result);
  };
  return std::equal(a.branches.begin(), a.branches.end(), b.branches.begin(), b.branches.end(),
                    same_branch) &&
         SameOrBothNull(a.otherwise, b.otherwise);
}
bool SameNode(const CastExpression& a, const CastExpression& b) {
  return SameExpression(a.operand, b.operand);
}
bool SameNode(const InListExpression& a, const InListExpression& b) {
  return SameExpression(a.operand, b.operand) && a.values == b.values;
}

// Two occurrences of a subquery are two subqueries.
bool SameNode(const SubqueryExpression& a, const SubqueryExpression& b) {
  return a.kind == b.kind && a.plan == b.plan && a.column == b.column && SameOrBothNull(a.operand, b.operand);
}

ExpressionPtr Make(ExpressionNode node, DataType type, sql::SourcePosition position) {
  return std::make_shared<const Expression>(Expression{std::move(node), type, position});
}

}  // namespace

ExpressionPtr MakeLiteral(Value value, DataType type, sql::SourcePosition position) {
  return Make(LiteralExpression{std::move(value)}, type, position);
}

ExpressionPtr MakeColumn(ColumnId column, DataType type, sql::SourcePosition position) {
  return Make(ColumnExpression{column}, type, position);
}

ExpressionPtr MakeCall(Function function, std::vector<ExpressionPtr> arguments, DataType type,
                       sql::SourcePosition position) {
  return Make(CallExpression{function, std::move(arguments)}, type, position);
}

ExpressionPtr MakeConjunction(std::vector<ExpressionPtr> conjuncts) {
  if (conjuncts.empty()) return MakeLiteral(true, kBooleanType);
  if (conjuncts.size() == 1) return std::move(conjuncts.front());
  const sql::SourcePosition position = conjuncts.front()->position;
  return MakeCall(Function::kAnd, std::move(conjuncts), kBooleanType, position);
}

std::vector<ExpressionPtr> ChildrenOf(const ExpressionPtr& expression) {
  return std::visit(
      Overloaded{[](const LiteralExpression&) { return std::vector<ExpressionPtr>{}; },
                 [](const ColumnExpression&) { return std::vector<ExpressionPtr>{}; },
                 [](const CallExpression& call) { return call.arguments; },
                 [](const CaseExpression& node) {
                   std::vector<ExpressionPtr> children;
                   for (const CaseExpression::Branch& branch : node.branches) {
                     children.push_back(branch.condition);
                     children.push_back(branch.result);
                   }
                   if (node.otherwise != nullptr) children.push_back(node.otherwise);
                   return children;
                 },
                 [](const CastExpression& cast) { return std::vector<ExpressionPtr>{cast.operand}; },
                 [](const InListExpression& in) { return std::vector<ExpressionPtr>{in.operand}; },
                 [](const SubqueryExpression& subquery) {
                   return subquery.operand == nullptr ? std::vector<ExpressionPtr>{}
                                                      : std::vector<ExpressionPtr>{subquery.operand};
                 }},
      expression->node);
}

ExpressionPtr WithChildren(const ExpressionPtr& expression, std::vector<ExpressionPtr> children) {
  ExpressionNode node = std::visit(
      Overloaded{[](const LiteralExpression& literal) -> ExpressionNode { return literal; },
                 [](const ColumnExpression& column) -> ExpressionNode { return column; },
                 [&](const CallExpression& call) -> ExpressionNode {
                   return CallExpression{call.function, std::move(children)};
                 },
                 [&](const CaseExpression& old) -> ExpressionNode {
                   CaseExpression rebuilt;
                   std::size_t next = 0;
                   for (std::size_t i = 0; i < old.branches.size(); ++i, next += 2) {
                     rebuilt.branches.push_back({children[next], children[next + 1]});
                   }
                   if (old.otherwise != nullptr) rebuilt.otherwise = children[next];
                   return rebuilt;
                 },
                 [&](const CastExpression&) -> ExpressionNode { return CastExpression{children[0]}; },
                 [&](const InListExpression& in) -> ExpressionNode {
                   return InListExpression{children[0], in.values};
                 },
                 [&](const SubqueryExpression& subquery) -> ExpressionNode {
                   SubqueryExpression copy = subquery;
                   if (!children.empty()) copy.operand = children[0];
                   return copy;
                 }},
      expression->node);
  return Make(std::move(node), expression->type, expression->position);
}

ExpressionPtr TransformExpression(const ExpressionPtr& expression,
                                  const std::function<ExpressionPtr(const ExpressionPtr&)>& visit) {
  const std::vector<ExpressionPtr> children = ChildrenOf(expression);
  std::vector<ExpressionPtr> transformed;
  transformed.reserve(children.size());
  for (const ExpressionPtr& child : children) transformed.push_back(TransformExpression(child, visit));
  if (transformed == children) return visit(expression);
  return visit(WithChildren(expression, std::move(transformed)));
}

void CollectColumns(const ExpressionPtr& expression, std::set<ColumnId>& columns) {
  if (expression == nullptr) return;
  if (const auto* column = std::get_if<ColumnExpression>(&expression->node)) columns.insert(column->column);
  for (const ExpressionPtr& child : ChildrenOf(expression)) CollectColumns(child, columns);
}

std::vector<ExpressionPtr> SplitConjuncts(const ExpressionPtr& predicate) {
  if (const auto* literal = std::get_if<LiteralExpression>(&predicate->node)) {
    if (literal->value == Value(true)) return {};
  }
  const auto* call = std::get_if<CallExpression>(&predicate->node);
  if (call == nullptr || call->function != Function::kAnd) return {predicate};
  std::vector<ExpressionPtr> conjuncts;
  for (const ExpressionPtr& argument : call->arguments) {
    for (ExpressionPtr& conjunct : SplitConjuncts(argument)) conjuncts.push_back(std::move(conjunct));
  }
  return conjuncts;
}

ExpressionPtr SubstituteColumns(const ExpressionPtr& expression,
                                const std::vector<std::pair<ColumnId, ExpressionPtr>>& replacements) {
  if (expression == nullptr) return nullptr;
  return TransformExpression(expression, [&](const ExpressionPtr& node) {
    if (const auto* column = std::get_if<ColumnExpression>(&node->node)) {
      for (const auto& [from, to] : replacements) {
        if (from == column->column) return to;
      }
    }
    return node;
  });
}

bool SameExpression(const ExpressionPtr& a, const ExpressionPtr& b) {
  if (a == b) return true;
  if (a->type != b->type || a->node.index() != b->node.index()) return false;
  return std::visit(
      [&](const auto& node) {
        using Node = std::decay_t<decltype(node)>;
        return SameNode(node, std::get<Node>(b->node));
      },
      a->node);
}

bool SameCall(const AggregateCall& a, const AggregateCall& b) {
  return a.function == b.function && a.distinct == b.distinct && a.type == b.type &&
         SameOrBothNull(a.argument, b.argument) && SameOrBothNull(a.second, b.second) &&
         SameOrBothNull(a.filter, b.filter) && a.fraction == b.fraction && a.descending == b.descending;
}

}  // namespace care::planner
