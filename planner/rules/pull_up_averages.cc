#include <algorithm>
#include <set>
#include <utility>

#include "planner/logical/build_expressions.h"
#include "planner/logical/type_rules.h"
#include "planner/rules/table_rules.h"

namespace care::planner {
namespace {

using Definitions = std::vector<std::pair<ColumnId, ExpressionPtr>>;

// NULL where all columns that it reads are: an outer join may come in between.
bool IsNullOfNulls(const ExpressionPtr& expression) {
  if (std::holds_alternative<ColumnExpression>(expression->node)) return true;
  if (const auto* cast = std::get_if<CastExpression>(&expression->node)) return IsNullOfNulls(cast->operand);
  const auto* call = std::get_if<CallExpression>(&expression->node);
  if (call == nullptr) return IsNullLiteral(expression);
  switch (call->function) {
    case Function::kAdd:
    case Function::kSubtract:
    case Function::kMultiply:
    case Function::kDivide:
    case Function::kModulo:
    case Function::kNegate:
    case Function::kAbs:
    case Function::kAverageOf:
    case Function::kVariancePopulation:
    case Function::kVarianceSample:
    case Function::kDeviationPopulation:
    case Function::kDeviationSample:
      return std::any_of(call->arguments.begin(), call->arguments.end(), IsNullOfNulls);
    case Function::kNullIf:
      return IsNullOfNulls(call->arguments[0]);
    case Function::kCoalesce:
    case Function::kGreatest:
    case Function::kLeast:
      return std::all_of(call->arguments.begin(), call->arguments.end(), IsNullOfNulls);
    default:
      return false;
  }
}

class Puller {
 public:
  explicit Puller(const LogicalPlan& plan) : plan_(plan) {}

  // The node without the averages that it would compute; they are in `averages`, in terms of columns that it yields instead.
  LogicalPtr Pull(const LogicalPtr& node, Definitions& averages) {
    if (std::holds_alternative<ReleaseNode>(node->node)) {
      return WithChildren(node, {Kept(ChildrenOf(*node)[0])});
    }
    std::vector<LogicalPtr> children;
    Definitions below;
    const std::vector<LogicalPtr> before = ChildrenOf(*node);
    for (std::size_t i = 0; i < before.size(); ++i) children.push_back(PullBelow(*node, before[i], i, below));
    LogicalPtr rebuilt = WithChildren(node, std::move(children));
    rebuilt = MapExpressions(rebuilt, [&](const ExpressionPtr& expression) { return SubstituteColumns(expression, below); });
    if (std::holds_alternative<AggregateNode>(node->node)) return rebuilt;
    const auto* project = std::get_if<ProjectNode>(&rebuilt->node);
    if (project == nullptr) {
      averages.insert(averages.end(), below.begin(), below.end());
      return rebuilt;
    }
    ProjectNode rest{project->child, {}};
    for (const NamedExpression& item : project->columns) {
      if (!HasOpenScale(item.expression)) {
        rest.columns.push_back(item);
        continue;
      }
      averages.emplace_back(item.column, item.expression);
      std::set<ColumnId> used;
      CollectColumns(item.expression, used);
      for (ColumnId column : used) {
        const bool listed = std::any_of(rest.columns.begin(), rest.columns.end(),
                                        [&](const NamedExpression& other) { return other.column == column; });
        if (!listed) rest.columns.push_back({column, MakeColumn(column, plan_.columns[column].type)});
      }
    }
    return rest.columns.empty() ? rebuilt : MakeNode(std::move(rest));
  }

  // The same columns, and those that are defined.
  LogicalPtr Computed(LogicalPtr node, const Definitions& definitions) const {
    ProjectNode project;
    for (ColumnId column : OutputColumns(*node)) project.columns.push_back({column, MakeColumn(column, plan_.columns[column].type)});
    for (const auto& [column, expression] : definitions) project.columns.push_back({column, expression});
    project.child = std::move(node);
    return MakeNode(std::move(project));
  }

 private:
  // One child, with what an operator over it can leave to those above it in `below`.
  LogicalPtr PullBelow(const LogicalNode& node, const LogicalPtr& child, std::size_t place, Definitions& below) {
    if (std::holds_alternative<FilterNode>(node.node) || std::holds_alternative<ProjectNode>(node.node) ||
        std::holds_alternative<SortNode>(node.node) || std::holds_alternative<LimitNode>(node.node)) {
      return Pull(child, below);
    }
    Definitions found;
    if (const auto* join = std::get_if<JoinNode>(&node.node)) {
      LogicalPtr pulled = Pull(child, found);
      const bool fills_with_nulls = join->kind == JoinKind::kFull || (join->kind == JoinKind::kLeft && place == 1);
      Definitions stay;
      for (auto& definition : found) {
        const bool passes = !fills_with_nulls || IsNullOfNulls(definition.second);
        (passes ? below : stay).push_back(std::move(definition));
      }
      return stay.empty() ? pulled : Computed(std::move(pulled), stay);
    }
    const auto* aggregate = std::get_if<AggregateNode>(&node.node);
    const auto* window = std::get_if<WindowNode>(&node.node);
    if (aggregate == nullptr && window == nullptr) return Kept(child);
    LogicalPtr pulled = Pull(child, found);
    // What they group by, partition by or look at in other rows is a value.
    std::set<ColumnId> values;
    if (aggregate != nullptr) values.insert(aggregate->group_by.begin(), aggregate->group_by.end());
    if (window != nullptr) {
      values.insert(window->partition_by.begin(), window->partition_by.end());
      for (const NamedWindowCall& named : window->calls) {
        for (const ExpressionPtr& part : {named.call.argument, named.call.fallback}) {
          if (part != nullptr) CollectColumns(part, values);
        }
      }
    }
    for (const auto& definition : found) {
      if (values.count(definition.first) != 0) return Kept(child);
    }
    below.insert(below.end(), found.begin(), found.end());
    return pulled;
  }

  // For operators that need the values themselves: what was pulled up so far is computed here.
  LogicalPtr Kept(const LogicalPtr& child) {
    Definitions averages;
    LogicalPtr pulled = Pull(child, averages);
    const std::vector<ColumnId> wanted = OutputColumns(*child);
    const bool missing = std::any_of(averages.begin(), averages.end(), [&](const auto& average) {
      return std::find(wanted.begin(), wanted.end(), average.first) != wanted.end();
    });
    if (!missing) return pulled;
    ProjectNode project{pulled, {}};
    for (ColumnId column : wanted) {
      const auto average = std::find_if(averages.begin(), averages.end(), [&](const auto& item) { return item.first == column; });
      if (average != averages.end()) {
        project.columns.push_back({column, average->second});
      } else {
        project.columns.push_back({column, MakeColumn(column, plan_.columns[column].type)});
      }
    }
    return MakeNode(std::move(project));
  }

  const LogicalPlan& plan_;
};

LogicalPtr BelowReleases(const LogicalPtr& node, const LogicalPlan& plan) {
  if (const auto* release = std::get_if<ReleaseNode>(&node->node)) {
    Puller puller(plan);
    // Of rows that are listed an average is divided above: what it is made of may be listed, too.
    Definitions averages;
    LogicalPtr pulled = puller.Pull(std::holds_alternative<AggregateNode>(release->child->node) ? node : release->child, averages);
    if (std::holds_alternative<AggregateNode>(release->child->node)) return pulled;
    pulled = WithChildren(node, {std::move(pulled)});
    return averages.empty() ? pulled : puller.Computed(std::move(pulled), averages);
  }
  std::vector<LogicalPtr> children;
  for (const LogicalPtr& child : ChildrenOf(*node)) children.push_back(BelowReleases(child, plan));
  return WithChildren(node, std::move(children));
}

}  // namespace

LogicalPtr PullUpAverages(const LogicalPtr& node, const LogicalPlan& plan) { return BelowReleases(node, plan); }

}  // namespace care::planner
