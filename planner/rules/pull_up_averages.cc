#include <algorithm>
#include <utility>

#include "planner/rules/table_rules.h"

namespace care::planner {
namespace {

using Definitions = std::vector<std::pair<ColumnId, ExpressionPtr>>;

// A statistic that is finished in decimals, or a constant's multiple of one: NULL where its sums are, so that outer joins may come
// in between.
bool IsAverage(const ExpressionPtr& expression) {
  if (const auto* cast = std::get_if<CastExpression>(&expression->node))
    return expression->type.kind == TypeKind::kNumeric && expression->type.precision == 0 && IsAverage(cast->operand);
  const auto* call = std::get_if<CallExpression>(&expression->node);
  if (call == nullptr) return false;
  switch (call->function) {
    case Function::kAverageOf:
    case Function::kVariancePopulation:
    case Function::kVarianceSample:
    case Function::kDeviationPopulation:
    case Function::kDeviationSample:
      return true;
    default:
      break;
  }
  if (call->function != Function::kMultiply) return false;
  const bool left = std::holds_alternative<LiteralExpression>(call->arguments[0]->node);
  const bool right = std::holds_alternative<LiteralExpression>(call->arguments[1]->node);
  return (left && IsAverage(call->arguments[1])) || (right && IsAverage(call->arguments[0]));
}

class Puller {
 public:
  explicit Puller(const LogicalPlan& plan) : plan_(plan) {}

  // The node without the averages that it would compute; they are in `averages`, in terms of columns that it yields instead.
  LogicalPtr Pull(const LogicalPtr& node, Definitions& averages) {
    if (std::holds_alternative<ReleaseNode>(node->node)) {
      return WithChildren(node, {Kept(ChildrenOf(*node)[0])});
    }
    const bool lets_through = std::holds_alternative<FilterNode>(node->node) || std::holds_alternative<JoinNode>(node->node) ||
                              std::holds_alternative<ProjectNode>(node->node);
    std::vector<LogicalPtr> children;
    Definitions below;
    for (const LogicalPtr& child : ChildrenOf(*node)) children.push_back(lets_through ? Pull(child, below) : Kept(child));
    LogicalPtr rebuilt = WithChildren(node, std::move(children));
    if (!lets_through) return rebuilt;
    rebuilt = MapExpressions(rebuilt, [&](const ExpressionPtr& expression) { return SubstituteColumns(expression, below); });
    const auto* project = std::get_if<ProjectNode>(&rebuilt->node);
    if (project == nullptr) {
      averages.insert(averages.end(), below.begin(), below.end());
      return rebuilt;
    }
    ProjectNode rest{project->child, {}};
    for (const NamedExpression& item : project->columns) {
      if (!IsAverage(item.expression)) {
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

 private:
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
  if (std::holds_alternative<ReleaseNode>(node->node)) {
    Definitions none;
    return Puller(plan).Pull(node, none);
  }
  std::vector<LogicalPtr> children;
  for (const LogicalPtr& child : ChildrenOf(*node)) children.push_back(BelowReleases(child, plan));
  return WithChildren(node, std::move(children));
}

}  // namespace

LogicalPtr PullUpAverages(const LogicalPtr& node, const LogicalPlan& plan) { return BelowReleases(node, plan); }

}  // namespace care::planner
