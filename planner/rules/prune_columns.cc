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
          if (aggregate.calls.empty() && part.group_by.empty()) aggregate.calls.push_back(part.calls.front());
          below = std::set<ColumnId>(part.group_by.begin(), part.group_by.end());
          for (const NamedAggregate& named : aggregate.calls) {
            CollectColumns(named.call.argument, below);
            CollectColumns(named.call.filter, below);
          }
          const bool pruned = aggregate.calls.size() != part.calls.size();
          return WithChildren(pruned ? MakeNode(std::move(aggregate)) : node,
                              {PruneColumns(part.child, below, catalog)});
        } else {
          if constexpr (std::is_same_v<Node, FilterNode>) {
            CollectColumns(part.predicate, below);
          } else if constexpr (std::is_same_v<Node, SortNode>) {
            for (const SortKey& key : part.keys) CollectColumns(key.expression, below);
          } else if constexpr (std::is_same_v<Node, DistinctNode>) {
            for (ColumnId column : OutputColumns(*part.child)) below.insert(column);
          } else {
            static_assert(std::is_same_v<Node, ReleaseNode> || std::is_same_v<Node, LimitNode>);
          }
          return WithChildren(node, {PruneColumns(part.child, below, catalog)});
        }
      },
      node->node);
}

}  // namespace care::planner
