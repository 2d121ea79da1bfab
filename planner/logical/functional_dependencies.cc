#include "planner/logical/functional_dependencies.h"

#include <algorithm>

#include "planner/logical/row_facts.h"

namespace care::planner {
namespace {

using ColumnSet = std::set<ColumnId>;

bool Holds(const ColumnSet& columns, ColumnId column) { return columns.count(column) != 0; }

}  // namespace

unsigned BitsOf(const ColumnInfo& info) {
  constexpr unsigned kUnknown = 128, kUnknownText = 4096;
  const auto to_hold = [](std::uint64_t most) {
    unsigned width = 1;
    while (most >>= 1) ++width;
    return width;
  };
  if (info.type.kind == TypeKind::kBoolean) return 1;
  if (!info.domain.empty()) return to_hold(info.domain.size() - 1);
  if (info.type.kind == TypeKind::kText) return info.max_bytes != 0 ? 8 * info.max_bytes : kUnknownText;
  return info.min && info.max ? to_hold(static_cast<std::uint64_t>(*info.max) - static_cast<std::uint64_t>(*info.min)) : kUnknown;
}

ColumnSet FunctionalDependencies::OfJoin(const JoinNode& join, ColumnSet columns) const {
  // A full join makes rows of NULLs on both sides, of which nothing is known.
  if (join.kind == JoinKind::kFull) return columns;
  const bool keeps_left = join.kind == JoinKind::kSemi || join.kind == JoinKind::kAnti;
  const bool inner = join.kind == JoinKind::kInner || join.kind == JoinKind::kCross;
  const RowFacts facts(columns_, catalog_);
  ColumnSet right_equated;
  const std::vector<std::pair<ColumnId, ColumnId>> pairs = EquatedPairs(join.condition, *join.left, *join.right);
  for (const auto& [a, b] : pairs) right_equated.insert(b);
  const bool one_match = !keeps_left && facts.IsKey(*join.right, right_equated);
  const ColumnSet of_condition = join.condition == nullptr ? ColumnSet() : ColumnsOf(join.condition);
  for (std::size_t before = columns.size() + 1; before != columns.size();) {
    before = columns.size();
    columns.merge(DeterminedBy(*join.left, Within(columns, OutputSet(*join.left))));
    if (keeps_left) break;
    if (inner) {
      columns.merge(DeterminedBy(*join.right, Within(columns, OutputSet(*join.right))));
      for (const auto& [a, b] : pairs) {
        if (Holds(columns, a)) columns.insert(b);
        if (Holds(columns, b)) columns.insert(a);
      }
    } else if (one_match && IsSubset(Within(of_condition, OutputSet(*join.left)), columns)) {
      // Whether there is a match, and which, follows from the left columns that the condition reads.
      columns.merge(OutputSet(*join.right));
    }
  }
  return columns;
}

ColumnSet FunctionalDependencies::DeterminedBy(const LogicalNode& node, const ColumnSet& columns) const {
  if (std::holds_alternative<ScanNode>(node.node) || std::holds_alternative<ValuesNode>(node.node)) {
    const RowFacts facts(columns_, catalog_);
    return facts.IsKey(node, columns, /*null_is_a_value=*/true) ? OutputSet(node) : columns;
  }
  if (const auto* join = std::get_if<JoinNode>(&node.node)) return OfJoin(*join, columns);
  if (const auto* project = std::get_if<ProjectNode>(&node.node)) {
    ColumnSet below;
    for (const NamedExpression& item : project->columns) {
      const auto* passed = std::get_if<ColumnExpression>(&item.expression->node);
      if (Holds(columns, item.column) && passed != nullptr) below.insert(passed->column);
    }
    below = DeterminedBy(*project->child, below);
    ColumnSet determined = columns;
    for (const NamedExpression& item : project->columns) {
      if (IsSubset(ColumnsOf(item.expression), below)) determined.insert(item.column);
    }
    return determined;
  }
  if (const auto* aggregate = std::get_if<AggregateNode>(&node.node)) {
    const ColumnSet groups(aggregate->group_by.begin(), aggregate->group_by.end());
    ColumnSet determined = columns;
    for (ColumnId column : DeterminedBy(*aggregate->child, Within(columns, OutputSet(*aggregate->child)))) {
      if (Holds(groups, column)) determined.insert(column);
    }
    return IsSubset(groups, determined) ? OutputSet(node) : determined;
  }
  if (std::holds_alternative<FilterNode>(node.node) || std::holds_alternative<DistinctNode>(node.node) ||
      std::holds_alternative<SortNode>(node.node) || std::holds_alternative<LimitNode>(node.node) ||
      std::holds_alternative<WindowNode>(node.node)) {
    const LogicalNode& child = *ChildrenOf(node)[0];
    ColumnSet determined = columns;
    determined.merge(DeterminedBy(child, Within(columns, OutputSet(child))));
    return determined;
  }
  return columns;
}

std::vector<ColumnId> FunctionalDependencies::Determining(const LogicalNode& node, const std::vector<ColumnId>& columns) const {
  std::vector<ColumnId> widest_first = columns;
  std::stable_sort(widest_first.begin(), widest_first.end(),
                   [&](ColumnId a, ColumnId b) { return BitsOf(columns_[a]) > BitsOf(columns_[b]); });
  ColumnSet kept(columns.begin(), columns.end());
  for (ColumnId column : widest_first) {
    ColumnSet others = kept;
    others.erase(column);
    if (!others.empty() && Holds(DeterminedBy(node, others), column)) kept = std::move(others);
  }
  std::vector<ColumnId> determining;
  for (ColumnId column : columns) {
    if (Holds(kept, column)) determining.push_back(column);
  }
  return determining;
}

}  // namespace care::planner
