#include <utility>

#include "planner/rules/rule_list.h"

namespace care::planner {
namespace {

// What an expression may evaluate to when certain columns are NULL and the others are anything.
constexpr unsigned kTrue = 1, kFalse = 2, kUnknown = 4;
constexpr unsigned kAnything = kTrue | kFalse | kUnknown;

unsigned Evaluate(const ExpressionPtr& expression, const std::set<ColumnId>& null_columns);

unsigned Negated(unsigned outcomes) {
  return ((outcomes & kTrue) != 0 ? kFalse : 0) | ((outcomes & kFalse) != 0 ? kTrue : 0) |
         (outcomes & kUnknown);
}

unsigned Conjunction(unsigned a, unsigned b) {
  unsigned outcomes = 0;
  for (unsigned x : {kTrue, kFalse, kUnknown}) {
    for (unsigned y : {kTrue, kFalse, kUnknown}) {
      if ((a & x) == 0 || (b & y) == 0) continue;
      outcomes |= x == kFalse || y == kFalse ? kFalse : (x == kUnknown || y == kUnknown ? kUnknown : kTrue);
    }
  }
  return outcomes;
}

// Whether the value matches one of `wanted`: a two-valued test.
unsigned Tested(unsigned outcomes, unsigned wanted) {
  return ((outcomes & wanted) != 0 ? kTrue : 0) | ((outcomes & ~wanted & kAnything) != 0 ? kFalse : 0);
}

unsigned EvaluateCall(const CallExpression& call, const std::set<ColumnId>& null_columns) {
  std::vector<unsigned> outcomes;
  for (const ExpressionPtr& argument : call.arguments) outcomes.push_back(Evaluate(argument, null_columns));
  switch (call.function) {
    case Function::kAnd: {
      unsigned all = kTrue;
      for (unsigned outcome : outcomes) all = Conjunction(all, outcome);
      return all;
    }
    case Function::kOr: {
      unsigned none = kTrue;
      for (unsigned outcome : outcomes) none = Conjunction(none, Negated(outcome));
      return Negated(none);
    }
    case Function::kNot:
      return Negated(outcomes[0]);
    case Function::kIsNull:
    case Function::kIsUnknown:
      return Tested(outcomes[0], kUnknown);
    case Function::kIsNotNull:
      return Tested(outcomes[0], kTrue | kFalse);
    case Function::kIsTrue:
      return Tested(outcomes[0], kTrue);
    case Function::kIsFalse:
      return Tested(outcomes[0], kFalse);
    case Function::kIsDistinct:
    case Function::kIsNotDistinct:
      return kTrue | kFalse;
    case Function::kCoalesce:
    case Function::kGreatest:
    case Function::kLeast:
      for (unsigned outcome : outcomes) {
        if (outcome != kUnknown) return kAnything;
      }
      return kUnknown;
    case Function::kNullIf:
      return outcomes[0] == kUnknown ? kUnknown : kAnything;
    default:
      // All others are strict.
      for (unsigned outcome : outcomes) {
        if (outcome == kUnknown) return kUnknown;
      }
      return kAnything;
  }
}

unsigned Evaluate(const ExpressionPtr& expression, const std::set<ColumnId>& null_columns) {
  if (const auto* literal = std::get_if<LiteralExpression>(&expression->node)) {
    if (IsNull(literal->value)) return kUnknown;
    if (const auto* boolean = std::get_if<bool>(&literal->value)) return *boolean ? kTrue : kFalse;
    return kTrue | kFalse;  // a value: never NULL
  }
  if (const auto* column = std::get_if<ColumnExpression>(&expression->node)) {
    return null_columns.count(column->column) != 0 ? kUnknown : kAnything;
  }
  if (const auto* call = std::get_if<CallExpression>(&expression->node))
    return EvaluateCall(*call, null_columns);
  if (const auto* cast = std::get_if<CastExpression>(&expression->node))
    return Evaluate(cast->operand, null_columns);
  if (const auto* in = std::get_if<InListExpression>(&expression->node)) {
    return Evaluate(in->operand, null_columns) == kUnknown ? kUnknown : kAnything;
  }
  const auto& node = std::get<CaseExpression>(expression->node);
  unsigned outcomes = node.otherwise == nullptr ? kUnknown : Evaluate(node.otherwise, null_columns);
  for (const CaseExpression::Branch& branch : node.branches)
    outcomes |= Evaluate(branch.result, null_columns);
  return outcomes;
}

bool RejectsUnmatched(const ExpressionPtr& conjunct, const LogicalNode& null_supplying) {
  std::set<ColumnId> columns;
  for (ColumnId column : OutputColumns(null_supplying)) columns.insert(column);
  return (Evaluate(conjunct, columns) & kTrue) == 0;
}

// `conjuncts` must be true of every row of `node` that matters.
LogicalPtr Simplify(const LogicalPtr& node, const std::vector<ExpressionPtr>& conjuncts) {
  if (const auto* filter = std::get_if<FilterNode>(&node->node)) {
    std::vector<ExpressionPtr> all = conjuncts;
    for (ExpressionPtr& conjunct : SplitConjuncts(filter->predicate)) all.push_back(std::move(conjunct));
    return WithChildren(node, {Simplify(filter->child, all)});
  }
  const auto* join = std::get_if<JoinNode>(&node->node);
  if (join == nullptr) {
    std::vector<LogicalPtr> children;
    for (const LogicalPtr& child : ChildrenOf(*node)) children.push_back(Simplify(child, {}));
    return WithChildren(node, std::move(children));
  }
  if (join->kind == JoinKind::kLeft) {
    for (const ExpressionPtr& conjunct : conjuncts) {
      if (!RejectsUnmatched(conjunct, *join->right)) continue;
      JoinNode inner = *join;
      inner.kind = JoinKind::kInner;
      return Simplify(MakeNode(std::move(inner)), conjuncts);
    }
  }
  // An inner join's rows satisfy its condition; a left join's matched rows do, so its right side's rows that
  // do not are never seen.
  std::vector<ExpressionPtr> matched = SplitConjuncts(join->condition);
  std::vector<ExpressionPtr> left = conjuncts;
  std::vector<ExpressionPtr> right = matched;
  if (join->kind == JoinKind::kInner || join->kind == JoinKind::kCross) {
    left.insert(left.end(), matched.begin(), matched.end());
    right.insert(right.end(), conjuncts.begin(), conjuncts.end());
  } else if (join->kind == JoinKind::kFull) {
    left.clear();
    right.clear();
  }
  return WithChildren(node, {Simplify(join->left, left), Simplify(join->right, right)});
}

}  // namespace

LogicalPtr SimplifyOuterJoin(const LogicalPtr& node) { return Simplify(node, {}); }

}  // namespace care::planner
