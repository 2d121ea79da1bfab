#include "planner/logical/free_columns.h"

#include <map>
#include <memory>
#include <type_traits>

namespace care::planner {
namespace {

struct Columns {
  std::set<ColumnId> read;
  std::set<ColumnId> defined;
};

void Collect(const LogicalNode& node, Columns& columns);

void CollectExpression(const ExpressionPtr& expression, Columns& columns) {
  if (expression == nullptr) return;
  if (const auto* column = std::get_if<ColumnExpression>(&expression->node)) columns.read.insert(column->column);
  if (const auto* subquery = std::get_if<SubqueryExpression>(&expression->node)) Collect(*subquery->plan, columns);
  for (const ExpressionPtr& child : ChildrenOf(expression)) CollectExpression(child, columns);
}

void Define(const LogicalNode& node, Columns& columns) {
  std::visit(
      [&](const auto& part) {
        using Node = std::decay_t<decltype(part)>;
        if constexpr (std::is_same_v<Node, ScanNode>) {
          for (const ScanNode::Output& output : part.columns) columns.defined.insert(output.column);
        } else if constexpr (std::is_same_v<Node, ProjectNode>) {
          for (const NamedExpression& item : part.columns) {
            const auto* same = std::get_if<ColumnExpression>(&item.expression->node);
            if (same == nullptr || same->column != item.column) columns.defined.insert(item.column);
          }
        } else if constexpr (std::is_same_v<Node, AggregateNode>) {
          columns.read.insert(part.group_by.begin(), part.group_by.end());
          for (const NamedAggregate& named : part.calls) columns.defined.insert(named.column);
        } else if constexpr (std::is_same_v<Node, ValuesNode> || std::is_same_v<Node, SetOperationNode>) {
          columns.defined.insert(part.columns.begin(), part.columns.end());
        } else if constexpr (std::is_same_v<Node, WindowNode>) {
          columns.read.insert(part.partition_by.begin(), part.partition_by.end());
          for (const NamedWindowCall& named : part.calls) columns.defined.insert(named.column);
        } else if constexpr (std::is_same_v<Node, GroupingSetsNode>) {
          columns.read.insert(part.keys.begin(), part.keys.end());
          columns.defined.insert(part.key_outputs.begin(), part.key_outputs.end());
          for (const NamedAggregate& named : part.calls) columns.defined.insert(named.column);
          for (const GroupingSetsNode::Grouping& call : part.grouping) columns.defined.insert(call.column);
        }
      },
      node.node);
}

void Collect(const LogicalNode& node, Columns& columns) {
  for (const LogicalPtr& child : ChildrenOf(node)) Collect(*child, columns);
  Define(node, columns);
  // Reads only: the same expressions go back.
  MapExpressions(std::make_shared<const LogicalNode>(node), [&](const ExpressionPtr& expression) {
    CollectExpression(expression, columns);
    return expression;
  });
}

std::set<ColumnId> Free(const Columns& columns) {
  std::set<ColumnId> free;
  for (ColumnId column : columns.read) {
    if (columns.defined.count(column) == 0) free.insert(column);
  }
  return free;
}

class Renamer {
 public:
  Renamer(LogicalPlan& plan, const std::set<ColumnId>& defined) {
    for (ColumnId column : defined) {
      const ColumnInfo info = plan.columns[column];
      names_[column] = plan.AddColumn(info);
    }
  }

  ColumnId Of(ColumnId column) const {
    const auto found = names_.find(column);
    return found == names_.end() ? column : found->second;
  }
  const std::map<ColumnId, ColumnId>& names() const { return names_; }

  ExpressionPtr Rename(const ExpressionPtr& expression) const {
    return TransformExpression(expression, [&](const ExpressionPtr& part) -> ExpressionPtr {
      if (const auto* column = std::get_if<ColumnExpression>(&part->node)) {
        const ColumnId renamed = Of(column->column);
        return renamed == column->column ? part : MakeColumn(renamed, part->type, part->position);
      }
      if (const auto* subquery = std::get_if<SubqueryExpression>(&part->node)) {
        SubqueryExpression copy = *subquery;
        copy.plan = Rename(subquery->plan);
        copy.column = Of(subquery->column);
        return std::make_shared<const Expression>(Expression{std::move(copy), part->type, part->position});
      }
      return part;
    });
  }

  LogicalPtr Rename(const LogicalPtr& node) const {
    std::vector<LogicalPtr> children;
    for (const LogicalPtr& child : ChildrenOf(*node)) children.push_back(Rename(child));
    const LogicalPtr mapped = MapExpressions(WithChildren(node, std::move(children)),
                                             [&](const ExpressionPtr& expression) { return Rename(expression); });
    return std::visit(
        [&](const auto& part) -> LogicalPtr {
          using Node = std::decay_t<decltype(part)>;
          Node copy = part;
          const auto all = [&](std::vector<ColumnId>& columns) {
            for (ColumnId& column : columns) column = Of(column);
          };
          if constexpr (std::is_same_v<Node, ScanNode>) {
            for (ScanNode::Output& output : copy.columns) output.column = Of(output.column);
          } else if constexpr (std::is_same_v<Node, ProjectNode>) {
            for (NamedExpression& item : copy.columns) item.column = Of(item.column);
          } else if constexpr (std::is_same_v<Node, AggregateNode>) {
            all(copy.group_by);
            for (NamedAggregate& named : copy.calls) named.column = Of(named.column);
          } else if constexpr (std::is_same_v<Node, ValuesNode>) {
            all(copy.columns);
          } else if constexpr (std::is_same_v<Node, SetOperationNode>) {
            all(copy.columns);
            for (std::vector<ColumnId>& columns : copy.input_columns) all(columns);
          } else if constexpr (std::is_same_v<Node, WindowNode>) {
            all(copy.partition_by);
            for (NamedWindowCall& named : copy.calls) named.column = Of(named.column);
          } else if constexpr (std::is_same_v<Node, GroupingSetsNode>) {
            all(copy.keys);
            all(copy.key_outputs);
            for (NamedAggregate& named : copy.calls) named.column = Of(named.column);
            for (GroupingSetsNode::Grouping& call : copy.grouping) call.column = Of(call.column);
          }
          return MakeNode(std::move(copy));
        },
        mapped->node);
  }

 private:
  std::map<ColumnId, ColumnId> names_;
};

}  // namespace

std::set<ColumnId> FreeColumns(const LogicalNode& node) {
  Columns columns;
  Collect(node, columns);
  return Free(columns);
}

std::set<ColumnId> ColumnsWithSubqueries(const ExpressionPtr& expression) {
  Columns columns;
  CollectExpression(expression, columns);
  return Free(columns);
}

bool HasSubquery(const ExpressionPtr& expression) {
  if (expression == nullptr) return false;
  if (std::holds_alternative<SubqueryExpression>(expression->node)) return true;
  for (const ExpressionPtr& child : ChildrenOf(expression)) {
    if (HasSubquery(child)) return true;
  }
  return false;
}

ColumnId RenamedCopy::Of(ColumnId column) const {
  for (const auto& [from, to] : renamed) {
    if (from == column) return to;
  }
  return column;
}

RenamedCopy CopyRenamed(const LogicalPtr& node, LogicalPlan& plan) {
  Columns columns;
  Collect(*node, columns);
  const Renamer renamer(plan, columns.defined);
  RenamedCopy copy{renamer.Rename(node), {}};
  copy.renamed.assign(renamer.names().begin(), renamer.names().end());
  return copy;
}

void CollectReads(const LogicalPtr& node, const std::function<bool(const LogicalNode&)>& stops, std::set<ColumnId>& read) {
  if (stops(*node)) return;
  MapExpressions(node, [&](const ExpressionPtr& expression) {
    CollectColumns(expression, read);
    return expression;
  });
  if (const auto* operation = std::get_if<SetOperationNode>(&node->node)) {
    for (const std::vector<ColumnId>& columns : operation->input_columns) read.insert(columns.begin(), columns.end());
  }
  if (const auto* sets = std::get_if<GroupingSetsNode>(&node->node)) read.insert(sets->keys.begin(), sets->keys.end());
  if (const auto* aggregate = std::get_if<AggregateNode>(&node->node)) read.insert(aggregate->group_by.begin(), aggregate->group_by.end());
  if (const auto* window = std::get_if<WindowNode>(&node->node)) read.insert(window->partition_by.begin(), window->partition_by.end());
  if (const auto* distinct = std::get_if<DistinctNode>(&node->node)) {
    for (const ColumnId column : OutputColumns(*distinct->child)) read.insert(column);
  }
  for (const LogicalPtr& child : ChildrenOf(*node)) CollectReads(child, stops, read);
}

}  // namespace care::planner
