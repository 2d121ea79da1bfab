// planner/logical/logical_plan.h
//
// What is asked: a tree of relational operators over ColumnIds. Nodes are data; each rewrite builds new
// nodes around shared children. The binder produces exactly one Release, directly over the outermost
// Aggregate; what stands above it (HAVING, projection, ORDER BY, LIMIT) works on released groups only.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "planner/catalog/catalog.h"
#include "planner/logical/expression.h"

namespace care::planner {

struct LogicalNode;
using LogicalPtr = std::shared_ptr<const LogicalNode>;

// Where a column comes from and what is publicly known of it.
struct ColumnInfo {
  std::string name;
  DataType type;
  bool nullable = true;
  int table = -1;                   // position in Catalog::tables, or -1 for a computed column
  int table_column = -1;            // position in the table's columns
  std::optional<std::int64_t> min;  // range of the stored integer, where proven
  std::optional<std::int64_t> max;
  std::vector<std::string> domain;  // TEXT with a public domain
};

struct NamedExpression {
  ColumnId column;  // the column that it defines
  ExpressionPtr expression;
};

struct ScanNode {
  int table = -1;  // position in Catalog::tables
  struct Output {
    ColumnId column;
    int table_column;
  };
  std::vector<Output> columns;
};
struct FilterNode {
  LogicalPtr child;
  ExpressionPtr predicate;  // rows where it is true stay
};
struct ProjectNode {
  LogicalPtr child;
  std::vector<NamedExpression> columns;
};
enum class JoinKind : std::uint8_t { kInner, kLeft, kFull, kCross, kSemi, kAnti };
struct JoinNode {
  JoinKind kind = JoinKind::kInner;
  LogicalPtr left;
  LogicalPtr right;
  ExpressionPtr condition;  // the whole ON clause; TRUE for CROSS
};
struct NamedAggregate {
  ColumnId column;
  AggregateCall call;
};
struct AggregateNode {
  LogicalPtr child;
  std::vector<ColumnId> group_by;  // columns of the child (expressions are projected below)
  std::vector<NamedAggregate> calls;
};
struct ReleaseNode {
  LogicalPtr child;  // an AggregateNode
};
struct SortKey {
  ExpressionPtr expression;
  bool descending = false;
  bool nulls_first = false;
};
struct SortNode {
  LogicalPtr child;
  std::vector<SortKey> keys;
};
struct LimitNode {
  LogicalPtr child;
  std::optional<std::uint64_t> limit;
  std::uint64_t offset = 0;
};
struct DistinctNode {
  LogicalPtr child;
};

struct LogicalNode {
  std::variant<ScanNode, FilterNode, ProjectNode, JoinNode, AggregateNode, ReleaseNode, SortNode, LimitNode,
               DistinctNode>
      node;
};

struct OutputColumn {
  ColumnId column;
  std::string name;
  DataType type;
};

struct LogicalPlan {
  LogicalPtr root;
  std::vector<OutputColumn> output;
  std::vector<ColumnInfo> columns;  // by ColumnId

  ColumnId AddColumn(ColumnInfo info) {
    columns.push_back(std::move(info));
    return static_cast<ColumnId>(columns.size() - 1);
  }
};

// The columns that a node yields, in order.
std::vector<ColumnId> OutputColumns(const LogicalNode& node);
template <typename Node>
LogicalPtr MakeNode(Node node) {
  return std::make_shared<const LogicalNode>(LogicalNode{std::move(node)});
}
// The nodes directly below, in order, and the same node above others.
std::vector<LogicalPtr> ChildrenOf(const LogicalNode& node);
LogicalPtr WithChildren(const LogicalPtr& node, std::vector<LogicalPtr> children);
// The same node with `map` applied to each expression that it holds (not to its children's).
LogicalPtr MapExpressions(const LogicalPtr& node,
                          const std::function<ExpressionPtr(const ExpressionPtr&)>& map);
// Indented tree, one operator a line, columns as name#id: golden tests and EXPLAIN.
std::string PrintLogicalPlan(const LogicalPlan& plan, const Catalog& catalog);
std::string PrintExpression(const ExpressionPtr& expression, const std::vector<ColumnInfo>& columns);

}  // namespace care::planner
