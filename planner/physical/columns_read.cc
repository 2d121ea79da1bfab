#include "planner/physical/columns_read.h"

namespace care::planner {
namespace {

// No catch-all: a new kind of node does not compile until it says.
struct Reader {
  std::set<ColumnId>& columns;

  void Read(const std::vector<ColumnId>& ids) const { columns.insert(ids.begin(), ids.end()); }
  void Read(const ExpressionPtr& expression) const {
    if (expression) CollectColumns(expression, columns);
  }
  void Read(const std::vector<TableKey>& keys) const {
    for (const TableKey& key : keys) columns.insert(key.column);
  }

  void operator()(const LocalNode&) const {}
  void operator()(const KeysNode&) const {}
  void operator()(const LookupNode&) const {}
  void operator()(const RowsNode&) const {}
  void operator()(const RowSumsNode&) const {}
  void operator()(const ConditionNode&) const {}
  void operator()(const CellsNode&) const {}
  void operator()(const GateNode&) const {}
  void operator()(const ShareTableNode&) const {}
  void operator()(const GatherPartitionsNode&) const {}
  void operator()(const ConcatTablesNode& node) const {
    for (const std::vector<ColumnId>& input : node.input_columns) Read(input);
  }
  void operator()(const DeriveTableNode& node) const {
    for (const NamedExpression& column : node.columns) Read(column.expression);
  }
  void operator()(const FilterTableNode& node) const { Read(node.predicate); }
  void operator()(const JoinTablesNode& node) const {
    for (const auto& [left, right] : node.keys) columns.insert({left, right});
    Read(node.residual);
  }
  void operator()(const GroupTableNode& node) const {
    Read(node.group_by);
    Read(node.determined);
    for (const NamedAggregate& aggregate : node.calls) {
      Read(aggregate.call.argument);
      Read(aggregate.call.second);
      Read(aggregate.call.filter);
    }
  }
  void operator()(const WindowTableNode& node) const {
    Read(node.partition_by);
    Read(node.order_by);
    for (const NamedWindowCall& named : node.calls) {
      Read(named.call.argument);
      Read(named.call.fallback);
    }
  }
  void operator()(const TopTableNode& node) const { Read(node.keys); }
  void operator()(const CompactTableNode&) const {}
  void operator()(const GateTableNode& node) const { Read(node.person_counts); }
  void operator()(const OpenTableNode& node) const { Read(node.columns); }
};

}  // namespace

std::set<ColumnId> ColumnsReadBy(const PhysicalNode& node) {
  std::set<ColumnId> columns;
  std::visit(Reader{columns}, node);
  return columns;
}

std::set<ColumnId> ColumnsReadAfter(const PhysicalPlan& plan, NodeId node) {
  std::set<ColumnId> columns;
  for (NodeId later = node + 1; later < plan.nodes.size(); ++later)
    std::visit(Reader{columns}, plan.nodes[later]);
  return columns;
}

}  // namespace care::planner
