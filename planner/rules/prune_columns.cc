#include <type_traits>
#include <utility>

#include "planner/rules/rule_list.h"

namespace care::planner {

LogicalPtr PruneColumns(const LogicalPtr& node, const std::set<ColumnId>& required, const Catalog& catalog) {
  return std::visit(
      [&](const auto& part) -> LogicalPtr {
        using Node = std::decay_t<decltype(part)>;
        std::set<ColumnId> below = required;
        if constexpr (std::is_same_v<Node, ScanNode>) {
          ScanNode scan{part.table, {}};
          for (const ScanNode::Output& output : part.columns) {
            const bool subject = output.table_column == catalog.tables[part.table].subject_column;
            if (subject || required.count(output.column) != 0) scan.columns.push_back(output);
          }
          return scan.columns.size() == part.columns.size() ? node : MakeNode(std::move(scan));
        } else if constexpr (std::is_same_v<Node, ValuesNode>) {
          return node;
        } else if constexpr (std::is_same_v<Node, SetOperationNode>) {
          // Of UNION ALL a column may go; the others compare whole rows.
          SetOperationNode operation = part;
          if (part.kind == sql::SetOperationKind::kUnion && part.all) {
            operation.columns.clear();
            operation.input_columns.assign(part.inputs.size(), {});
            const auto keep = [&](std::size_t i) {
              operation.columns.push_back(part.columns[i]);
              for (std::size_t input = 0; input < part.inputs.size(); ++input)
                operation.input_columns[input].push_back(part.input_columns[input][i]);
            };
            for (std::size_t i = 0; i < part.columns.size(); ++i) {
              if (required.count(part.columns[i]) != 0) keep(i);
            }
            if (operation.columns.empty() && !part.columns.empty()) keep(0);
          }
          std::vector<LogicalPtr> inputs;
          for (std::size_t input = 0; input < part.inputs.size(); ++input) {
            const auto& columns = operation.input_columns[input];
            inputs.push_back(PruneColumns(part.inputs[input], {columns.begin(), columns.end()}, catalog));
          }
          const bool pruned = operation.columns.size() != part.columns.size();
          return WithChildren(pruned ? MakeNode(std::move(operation)) : node, std::move(inputs));
        } else if constexpr (std::is_same_v<Node, WindowNode>) {
          WindowNode window = part;
          window.calls.clear();
          for (const NamedWindowCall& named : part.calls) {
            if (required.count(named.column) == 0) continue;
            window.calls.push_back(named);
            CollectColumns(named.call.argument, below);
            CollectColumns(named.call.fallback, below);
          }
          if (window.calls.empty()) return PruneColumns(part.child, required, catalog);
          below.insert(part.partition_by.begin(), part.partition_by.end());
          for (const SortKey& key : part.order_by) CollectColumns(key.expression, below);
          const bool pruned = window.calls.size() != part.calls.size();
          return WithChildren(pruned ? MakeNode(std::move(window)) : node,
                              {PruneColumns(part.child, below, catalog)});
        } else if constexpr (std::is_same_v<Node, GroupingSetsNode>) {
          below.clear();
          below.insert(part.keys.begin(), part.keys.end());
          for (const NamedAggregate& named : part.calls) {
            CollectColumns(named.call.argument, below);
            CollectColumns(named.call.filter, below);
          }
          return WithChildren(node, {PruneColumns(part.child, below, catalog)});
        } else if constexpr (std::is_same_v<Node, JoinNode>) {
          CollectColumns(part.condition, below);
          return WithChildren(
              node, {PruneColumns(part.left, below, catalog), PruneColumns(part.right, below, catalog)});
        } else if constexpr (std::is_same_v<Node, ProjectNode>) {
          ProjectNode project{part.child, {}};
          below.clear();
          for (const NamedExpression& item : part.columns) {
            if (required.count(item.column) != 0) project.columns.push_back(item);
          }
          // A node has columns, even where only its rows are counted.
          if (project.columns.empty()) project.columns.push_back(part.columns.front());
          for (const NamedExpression& item : project.columns) CollectColumns(item.expression, below);
          const bool pruned = project.columns.size() != part.columns.size();
          return WithChildren(pruned ? MakeNode(std::move(project)) : node,
                              {PruneColumns(part.child, below, catalog)});
        } else if constexpr (std::is_same_v<Node, AggregateNode>) {
          AggregateNode aggregate{part.child, part.group_by, {}};
          for (const NamedAggregate& named : part.calls) {
            if (required.count(named.column) != 0) aggregate.calls.push_back(named);
          }
          if (aggregate.calls.empty() && part.group_by.empty() && !part.calls.empty()) aggregate.calls.push_back(part.calls.front());
          below = std::set<ColumnId>(part.group_by.begin(), part.group_by.end());
          for (const NamedAggregate& named : aggregate.calls) {
            CollectColumns(named.call.argument, below);
            CollectColumns(named.call.second, below);
            CollectColumns(named.call.filter, below);
          }
          const bool pruned = aggregate.calls.size() != part.calls.size();
          return WithChildren(pruned ? MakeNode(std::move(aggregate)) : node,
                              {PruneColumns(part.child, below, catalog)});
        } else {
          if constexpr (std::is_same_v<Node, ReleaseNode>) {
            below.insert(part.read_by_gate.begin(), part.read_by_gate.end());
          } else if constexpr (std::is_same_v<Node, FilterNode>) {
            CollectColumns(part.predicate, below);
          } else if constexpr (std::is_same_v<Node, SortNode>) {
            for (const SortKey& key : part.keys) CollectColumns(key.expression, below);
          } else if constexpr (std::is_same_v<Node, DistinctNode>) {
            for (ColumnId column : OutputColumns(*part.child)) below.insert(column);
          } else {
            static_assert(std::is_same_v<Node, LimitNode>);
          }
          return WithChildren(node, {PruneColumns(part.child, below, catalog)});
        }
      },
      node->node);
}

}  // namespace care::planner
