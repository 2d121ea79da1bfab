#include "planner/logical/logical_plan.h"

#include <type_traits>
#include <utility>

namespace care::planner {

std::vector<ColumnId> OutputColumns(const LogicalNode& node) {
  return std::visit(
      [](const auto& part) -> std::vector<ColumnId> {
        using Node = std::decay_t<decltype(part)>;
        std::vector<ColumnId> columns;
        if constexpr (std::is_same_v<Node, ScanNode>) {
          for (const ScanNode::Output& output : part.columns) columns.push_back(output.column);
        } else if constexpr (std::is_same_v<Node, ProjectNode>) {
          for (const NamedExpression& item : part.columns) columns.push_back(item.column);
        } else if constexpr (std::is_same_v<Node, JoinNode>) {
          columns = OutputColumns(*part.left);
          if (part.kind == JoinKind::kSemi || part.kind == JoinKind::kAnti) return columns;
          for (ColumnId column : OutputColumns(*part.right)) columns.push_back(column);
        } else if constexpr (std::is_same_v<Node, AggregateNode>) {
          columns = part.group_by;
          for (const NamedAggregate& call : part.calls) columns.push_back(call.column);
        } else if constexpr (std::is_same_v<Node, ValuesNode> || std::is_same_v<Node, SetOperationNode>) {
          columns = part.columns;
        } else if constexpr (std::is_same_v<Node, WindowNode>) {
          columns = OutputColumns(*part.child);
          for (const NamedWindowCall& call : part.calls) columns.push_back(call.column);
        } else if constexpr (std::is_same_v<Node, GroupingSetsNode>) {
          columns = part.key_outputs;
          for (const NamedAggregate& call : part.calls) columns.push_back(call.column);
          for (const GroupingSetsNode::Grouping& call : part.grouping) columns.push_back(call.column);
        } else {
          return OutputColumns(*part.child);
        }
        return columns;
      },
      node.node);
}

std::vector<LogicalPtr> ChildrenOf(const LogicalNode& node) {
  return std::visit(
      [](const auto& part) -> std::vector<LogicalPtr> {
        using Node = std::decay_t<decltype(part)>;
        if constexpr (std::is_same_v<Node, ScanNode> || std::is_same_v<Node, ValuesNode>) {
          return {};
        } else if constexpr (std::is_same_v<Node, JoinNode>) {
          return {part.left, part.right};
        } else if constexpr (std::is_same_v<Node, SetOperationNode>) {
          return part.inputs;
        } else {
          return {part.child};
        }
      },
      node.node);
}

LogicalPtr WithChildren(const LogicalPtr& node, std::vector<LogicalPtr> children) {
  if (ChildrenOf(*node) == children) return node;
  return std::visit(
      [&](const auto& part) -> LogicalPtr {
        using Node = std::decay_t<decltype(part)>;
        Node copy = part;
        if constexpr (std::is_same_v<Node, JoinNode>) {
          copy.left = std::move(children[0]);
          copy.right = std::move(children[1]);
        } else if constexpr (std::is_same_v<Node, SetOperationNode>) {
          copy.inputs = std::move(children);
        } else if constexpr (!std::is_same_v<Node, ScanNode> && !std::is_same_v<Node, ValuesNode>) {
          copy.child = std::move(children[0]);
        }
        return MakeNode(std::move(copy));
      },
      node->node);
}

LogicalPtr MapExpressions(const LogicalPtr& node,
                          const std::function<ExpressionPtr(const ExpressionPtr&)>& map) {
  bool changed = false;
  const auto apply = [&](ExpressionPtr& expression) {
    if (expression == nullptr) return;
    ExpressionPtr mapped = map(expression);
    if (mapped != expression) changed = true;
    expression = std::move(mapped);
  };
  LogicalPtr rebuilt = std::visit(
      [&](const auto& part) -> LogicalPtr {
        using Node = std::decay_t<decltype(part)>;
        Node copy = part;
        if constexpr (std::is_same_v<Node, FilterNode>) {
          apply(copy.predicate);
        } else if constexpr (std::is_same_v<Node, ProjectNode>) {
          for (NamedExpression& item : copy.columns) apply(item.expression);
        } else if constexpr (std::is_same_v<Node, JoinNode>) {
          apply(copy.condition);
        } else if constexpr (std::is_same_v<Node, AggregateNode>) {
          for (NamedAggregate& named : copy.calls) {
            apply(named.call.argument);
            apply(named.call.second);
            apply(named.call.filter);
          }
        } else if constexpr (std::is_same_v<Node, SortNode>) {
          for (SortKey& key : copy.keys) apply(key.expression);
        } else if constexpr (std::is_same_v<Node, WindowNode>) {
          for (SortKey& key : copy.order_by) apply(key.expression);
          for (NamedWindowCall& named : copy.calls) {
            apply(named.call.argument);
            apply(named.call.fallback);
          }
        } else if constexpr (std::is_same_v<Node, GroupingSetsNode>) {
          for (NamedAggregate& named : copy.calls) {
            apply(named.call.argument);
            apply(named.call.second);
            apply(named.call.filter);
          }
        }
        return MakeNode(std::move(copy));
      },
      node->node);
  return changed ? rebuilt : node;
}

}  // namespace care::planner
