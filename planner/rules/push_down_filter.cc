#include <algorithm>
#include <utility>

#include "planner/rules/rule_list.h"

namespace care::planner {
namespace {

using Conjuncts = std::vector<ExpressionPtr>;

// A conjunct without columns says nothing of a side, and must not decide over an aggregate of no rows.
bool ReadsOnly(const ExpressionPtr& conjunct, const std::vector<ColumnId>& columns) {
  std::set<ColumnId> read;
  CollectColumns(conjunct, read);
  return !read.empty() && std::all_of(read.begin(), read.end(), [&](ColumnId column) {
    return std::find(columns.begin(), columns.end(), column) != columns.end();
  });
}

Conjuncts TakeThoseThatRead(Conjuncts& conjuncts, const std::vector<ColumnId>& columns) {
  const auto kept =
      std::stable_partition(conjuncts.begin(), conjuncts.end(),
                            [&](const ExpressionPtr& conjunct) { return !ReadsOnly(conjunct, columns); });
  Conjuncts taken(kept, conjuncts.end());
  conjuncts.erase(kept, conjuncts.end());
  return taken;
}

LogicalPtr Filtered(LogicalPtr child, Conjuncts conjuncts) {
  if (conjuncts.empty()) return child;
  return MakeNode(FilterNode{std::move(child), MakeConjunction(std::move(conjuncts))});
}

// What is left of a join's condition; TRUE where the join stands, so that a refusal can point there.
ExpressionPtr ConditionOf(Conjuncts conjuncts, const JoinNode& join) {
  if (conjuncts.empty() && join.condition != nullptr) return MakeLiteral(true, kBooleanType, join.condition->position);
  return MakeConjunction(std::move(conjuncts));
}

LogicalPtr IntoJoin(const JoinNode& join, Conjuncts conjuncts) {
  JoinNode pushed = join;
  pushed.left = Filtered(join.left, TakeThoseThatRead(conjuncts, OutputColumns(*join.left)));
  if (join.kind == JoinKind::kInner || join.kind == JoinKind::kCross) {
    pushed.right = Filtered(join.right, TakeThoseThatRead(conjuncts, OutputColumns(*join.right)));
    std::vector<ColumnId> both = OutputColumns(*join.left);
    for (ColumnId column : OutputColumns(*join.right)) both.push_back(column);
    Conjuncts condition = SplitConjuncts(join.condition);
    for (ExpressionPtr& conjunct : TakeThoseThatRead(conjuncts, both))
      condition.push_back(std::move(conjunct));
    if (!condition.empty()) pushed.kind = JoinKind::kInner;
    pushed.condition = ConditionOf(std::move(condition), join);
  }
  return Filtered(MakeNode(std::move(pushed)), std::move(conjuncts));
}

LogicalPtr BelowProject(const ProjectNode& project, const Conjuncts& conjuncts) {
  std::vector<std::pair<ColumnId, ExpressionPtr>> definitions;
  for (const NamedExpression& item : project.columns) definitions.push_back({item.column, item.expression});
  Conjuncts substituted;
  for (const ExpressionPtr& conjunct : conjuncts)
    substituted.push_back(SubstituteColumns(conjunct, definitions));
  return MakeNode(ProjectNode{Filtered(project.child, std::move(substituted)), project.columns});
}

bool CanMoveInto(const JoinNode& join, const Conjuncts& conjuncts) {
  if (join.kind == JoinKind::kFull) return false;
  const bool inner = join.kind == JoinKind::kInner || join.kind == JoinKind::kCross;
  return std::any_of(conjuncts.begin(), conjuncts.end(), [&](const ExpressionPtr& conjunct) {
    std::vector<ColumnId> columns = OutputColumns(*join.left);
    if (inner) {
      for (ColumnId column : OutputColumns(*join.right)) columns.push_back(column);
    }
    return ReadsOnly(conjunct, columns);
  });
}

LogicalPtr PushFilter(const LogicalPtr& node, const FilterNode& filter) {
  Conjuncts conjuncts = SplitConjuncts(filter.predicate);
  if (const auto* below = std::get_if<FilterNode>(&filter.child->node)) {
    Conjuncts all = SplitConjuncts(below->predicate);
    all.insert(all.end(), conjuncts.begin(), conjuncts.end());
    return Filtered(below->child, std::move(all));
  }
  if (const auto* project = std::get_if<ProjectNode>(&filter.child->node))
    return BelowProject(*project, conjuncts);
  if (const auto* join = std::get_if<JoinNode>(&filter.child->node)) {
    return CanMoveInto(*join, conjuncts) ? IntoJoin(*join, std::move(conjuncts)) : node;
  }
  if (const auto* aggregate = std::get_if<AggregateNode>(&filter.child->node)) {
    Conjuncts taken = TakeThoseThatRead(conjuncts, aggregate->group_by);
    if (taken.empty()) return node;
    AggregateNode pushed = *aggregate;
    pushed.child = Filtered(aggregate->child, std::move(taken));
    return Filtered(MakeNode(std::move(pushed)), std::move(conjuncts));
  }
  return node;
}

// The parts of an ON clause that concern one side only.
LogicalPtr PushCondition(const LogicalPtr& node, const JoinNode& join) {
  if (join.kind == JoinKind::kFull || join.kind == JoinKind::kCross) return node;
  Conjuncts condition = SplitConjuncts(join.condition);
  Conjuncts left;
  // Of a left join, the preserved side's rows stay whatever ON says of them.
  if (join.kind != JoinKind::kLeft && join.kind != JoinKind::kAnti)
    left = TakeThoseThatRead(condition, OutputColumns(*join.left));
  Conjuncts right = TakeThoseThatRead(condition, OutputColumns(*join.right));
  if (left.empty() && right.empty()) return node;
  JoinNode pushed = join;
  pushed.left = Filtered(join.left, std::move(left));
  pushed.right = Filtered(join.right, std::move(right));
  pushed.condition = ConditionOf(std::move(condition), join);
  return MakeNode(std::move(pushed));
}

}  // namespace

LogicalPtr PushDownFilter(const LogicalPtr& node) {
  LogicalPtr pushed = node;
  if (const auto* filter = std::get_if<FilterNode>(&node->node)) pushed = PushFilter(node, *filter);
  if (const auto* join = std::get_if<JoinNode>(&pushed->node)) pushed = PushCondition(pushed, *join);
  std::vector<LogicalPtr> children;
  for (const LogicalPtr& child : ChildrenOf(*pushed)) children.push_back(PushDownFilter(child));
  return WithChildren(pushed, std::move(children));
}

}  // namespace care::planner
