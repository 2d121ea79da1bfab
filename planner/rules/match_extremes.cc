#include <algorithm>
#include <optional>
#include <utility>

#include "planner/logical/build_expressions.h"
#include "planner/logical/column_facts.h"
#include "planner/logical/row_facts.h"
#include "planner/rules/table_rules.h"

namespace care::planner {
namespace {

using ColumnSet = std::set<ColumnId>;

// Whether a row that comes several times changes nothing.
bool IgnoresRepeats(const AggregateCall& call) {
  return call.distinct || call.function == AggregateFunction::kMin ||
         call.function == AggregateFunction::kMax || call.function == AggregateFunction::kBoolAnd ||
         call.function == AggregateFunction::kBoolOr;
}

bool IsOrdered(const DataType& type) { return type.IsExactNumber() || type.kind == TypeKind::kDate || type.IsTimestamp(); }

// An aggregate over a join that reads one side only, and to which it does not matter how often a row of it matched.
std::optional<LogicalPtr> AsSemiJoin(const AggregateNode& aggregate) {
  const auto* join = std::get_if<JoinNode>(&aggregate.child->node);
  if (join == nullptr || join->kind != JoinKind::kInner || aggregate.calls.empty()) return std::nullopt;
  ColumnSet read(aggregate.group_by.begin(), aggregate.group_by.end());
  for (const NamedAggregate& named : aggregate.calls) {
    if (!IgnoresRepeats(named.call)) return std::nullopt;
    for (const ExpressionPtr& part : {named.call.argument, named.call.second, named.call.filter})
      CollectColumns(part, read);
  }
  for (const bool left : {true, false}) {
    const LogicalPtr& kept = left ? join->left : join->right;
    const LogicalPtr& asked = left ? join->right : join->left;
    if (!IsSubset(read, OutputSet(*kept)) || EquatedPairs(join->condition, *kept, *asked).empty()) continue;
    AggregateNode over = aggregate;
    over.child = MakeNode(JoinNode{JoinKind::kSemi, kept, asked, join->condition});
    return MakeNode(std::move(over));
  }
  return std::nullopt;
}

// Whether some row of a key is later than x, is whether the latest is.
std::optional<LogicalPtr> AskTheExtreme(const JoinNode& join, LogicalPlan& plan, const Catalog& catalog) {
  const ColumnSet left = OutputSet(*join.left), right = OutputSet(*join.right);
  ColumnSet keys;
  std::vector<ExpressionPtr> equalities;
  const CallExpression* between = nullptr;
  for (const ExpressionPtr& conjunct : SplitConjuncts(join.condition)) {
    const auto pairs = EquatedPairs(conjunct, *join.left, *join.right);
    if (!pairs.empty()) {
      equalities.push_back(conjunct);
      for (const auto& [a, b] : pairs) keys.insert(b);
      continue;
    }
    const auto* call = std::get_if<CallExpression>(&conjunct->node);
    if (between != nullptr || call == nullptr || call->function == Function::kEqual || call->function == Function::kNotEqual || !Mirrored(call->function)) return std::nullopt;
    between = call;
  }
  if (between == nullptr || keys.empty()) return std::nullopt;
  // value <comparison> column of the right.
  Function comparison = between->function;
  ExpressionPtr value = between->arguments[0], column = between->arguments[1];
  if (!std::holds_alternative<ColumnExpression>(column->node) ||
      right.count(std::get<ColumnExpression>(column->node).column) == 0) {
    std::swap(value, column);
    comparison = *Mirrored(comparison);
  }
  const auto* asked = std::get_if<ColumnExpression>(&column->node);
  if (asked == nullptr || right.count(asked->column) == 0 || !IsSubset(ColumnsOf(value), left) ||
      !IsOrdered(column->type) || !IsOrdered(value->type))
    return std::nullopt;
  if (RowFacts(plan.columns, catalog).IsKey(*join.right, keys)) return std::nullopt;

  const bool latest = comparison == Function::kLess || comparison == Function::kLessOrEqual;
  ColumnInfo info = plan.columns[asked->column];
  info.nullable = true;
  info.table = info.table_column = -1;
  const DataType type = column->type;
  const ColumnId extreme = plan.AddColumn(std::move(info));
  AggregateCall call;
  call.function = latest ? AggregateFunction::kMax : AggregateFunction::kMin;
  call.argument = column;
  call.type = type;
  const LogicalPtr extremes =
      MakeNode(AggregateNode{join.right, {keys.begin(), keys.end()}, {{extreme, std::move(call)}}});
  const LogicalPtr joined =
      MakeNode(JoinNode{JoinKind::kInner, join.left, extremes, MakeConjunction(std::move(equalities))});
  const LogicalPtr kept =
      MakeNode(FilterNode{joined, MakeCall(comparison, {value, MakeColumn(extreme, type)}, kBooleanType)});
  ProjectNode project{kept, {}};
  for (ColumnId output : OutputColumns(*join.left))
    project.columns.push_back({output, MakeColumn(output, plan.columns[output].type)});
  return MakeNode(std::move(project));
}

}  // namespace

LogicalPtr MatchExtremes(const LogicalPtr& node, LogicalPlan& plan, const Catalog& catalog) {
  LogicalPtr current = node;
  if (const auto* aggregate = std::get_if<AggregateNode>(&current->node)) {
    if (std::optional<LogicalPtr> semi = AsSemiJoin(*aggregate)) {
      // Only where the join that is asked for then becomes one of single rows.
      const auto& join = std::get<JoinNode>(std::get<AggregateNode>((*semi)->node).child->node);
      if (std::optional<LogicalPtr> rewritten = AskTheExtreme(join, plan, catalog))
        current = WithChildren(*semi, {*rewritten});
    }
  } else if (const auto* join = std::get_if<JoinNode>(&current->node);
             join != nullptr && join->kind == JoinKind::kSemi) {
    if (std::optional<LogicalPtr> rewritten = AskTheExtreme(*join, plan, catalog)) current = *rewritten;
  }
  std::vector<LogicalPtr> children;
  for (const LogicalPtr& child : ChildrenOf(*current))
    children.push_back(MatchExtremes(child, plan, catalog));
  return WithChildren(current, std::move(children));
}

}  // namespace care::planner
