#include <algorithm>
#include <utility>

#include "planner/rules/rule_list.h"

namespace care::planner {
namespace {

bool ComputesNothing(const ProjectNode& project) {
  return std::all_of(project.columns.begin(), project.columns.end(), [](const NamedExpression& item) {
    const auto* column = std::get_if<ColumnExpression>(&item.expression->node);
    return column != nullptr && column->column == item.column;
  });
}

// DISTINCT compares all columns of its child, so there a projection that only drops columns matters.
LogicalPtr Merge(const LogicalPtr& node, bool below_distinct) {
  const bool is_distinct = std::holds_alternative<DistinctNode>(node->node);
  std::vector<LogicalPtr> children;
  for (const LogicalPtr& child : ChildrenOf(*node)) children.push_back(Merge(child, is_distinct));
  const LogicalPtr merged = WithChildren(node, std::move(children));
  const auto* project = std::get_if<ProjectNode>(&merged->node);
  if (project == nullptr) return merged;
  if (ComputesNothing(*project) && !below_distinct) return project->child;
  const auto* below = std::get_if<ProjectNode>(&project->child->node);
  if (below == nullptr) return merged;
  std::vector<std::pair<ColumnId, ExpressionPtr>> definitions;
  for (const NamedExpression& item : below->columns) definitions.push_back({item.column, item.expression});
  ProjectNode one{below->child, {}};
  for (const NamedExpression& item : project->columns) {
    one.columns.push_back({item.column, SubstituteColumns(item.expression, definitions)});
  }
  return MakeNode(std::move(one));
}

}  // namespace

LogicalPtr MergeProjections(const LogicalPtr& node) { return Merge(node, false); }

}  // namespace care::planner
