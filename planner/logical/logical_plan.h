// planner/logical/logical_plan.h
//
// What is asked: a tree of relational operators over ColumnIds. Nodes are data; each rewrite builds new
// nodes around shared children. The binder produces exactly one Release, directly over the outermost
// Aggregate; what stands above it (HAVING, projection, ORDER BY, LIMIT) works on released groups only.
#pragma once

#include <algorithm>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "grammar/ast.h"
#include "planner/catalog/catalog.h"
#include "planner/logical/expression.h"

namespace care::planner {

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
  std::uint32_t max_bytes = 0;      // TEXT: most bytes of a value; 0: only what the type says
  std::string period;               // dates and timestamps: "month" where each value begins one; empty: not known
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
// What leaves: the groups of an aggregate that pass the gate, or rows of tables with the `row` right.
struct ReleaseNode {
  LogicalPtr child;
  std::vector<ColumnId> read_by_gate;  // person counts (rules/person_counts.h), whatever else reads them
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
// Rows of constants, the same at all parties.
struct ValuesNode {
  std::vector<ColumnId> columns;
  std::vector<std::vector<Value>> rows;
};
// UNION, INTERSECT, EXCEPT [ALL]; rows are equal as in DISTINCT (NULL equals NULL). Partitioned tables are a
// UNION ALL of their parts. Two inputs, or more of a UNION ALL. An input may be shared between branches.
struct SetOperationNode {
  sql::SetOperationKind kind = sql::SetOperationKind::kUnion;
  bool all = true;
  std::vector<LogicalPtr> inputs;
  std::vector<ColumnId> columns;                    // what it yields
  std::vector<std::vector<ColumnId>> input_columns;  // by input: what becomes each of `columns`
};
enum class WindowFunction : std::uint8_t {
  kRowNumber,
  kRank,
  kDenseRank,
  kLag,
  kLead,
  kFirstValue,
  kLastValue,
  kCountStar,
  kCount,
  kSum,
  kAverage,
  kMin,
  kMax
};
// The rows of a partition from `first` to `last` places after the current one; negative before it. Empty where last < first.
struct RowsFrame {
  std::int64_t first = 0;
  std::int64_t last = 0;
  bool HasCurrent() const { return first <= 0 && last >= 0; }
  // The positions of the frame's rows, half open, for the row at `at` of the partition [begin, end).
  std::pair<std::size_t, std::size_t> Within(std::size_t at, std::size_t begin, std::size_t end) const {
    const auto place = [&](std::int64_t away) {
      const auto position = static_cast<std::int64_t>(at) + away;
      return static_cast<std::size_t>(std::clamp(position, static_cast<std::int64_t>(begin), static_cast<std::int64_t>(end)));
    };
    const std::size_t from = place(first);
    return {from, std::max(from, place(last + 1))};
  }
  friend bool operator==(const RowsFrame&, const RowsFrame&) = default;
};
// With the frame that PostgreSQL takes where none is written: up to the current row's last peer if there is an ORDER BY,
// otherwise the whole partition. `rows` is another, of functions that read a frame.
struct WindowCall {
  WindowFunction function = WindowFunction::kRowNumber;
  ExpressionPtr argument;      // null where the function has none
  std::uint64_t distance = 1;  // kLag, kLead
  ExpressionPtr fallback;      // kLag, kLead: where there is no such row; null for NULL
  DataType type;
  sql::SourcePosition position;
  std::optional<RowsFrame> rows;
};
struct NamedWindowCall {
  ColumnId column;
  WindowCall call;
};
// The child's columns and one for each call.
struct WindowNode {
  LogicalPtr child;
  std::vector<ColumnId> partition_by;
  std::vector<SortKey> order_by;
  std::vector<NamedWindowCall> calls;
};
// GROUP BY ROLLUP, CUBE, GROUPING SETS: each set's groups, one after the other, with NULL in the keys that a set lacks. The
// binder puts it where an aggregate would be, over rows; rules/expand_grouping_sets.cc leaves it above a Release only, over the
// released cells of the finest set.
struct GroupingSetsNode {
  LogicalPtr child;
  std::vector<ColumnId> keys;                      // of the child
  std::vector<ColumnId> key_outputs;               // by key: what it is called above, NULL where its set lacks it
  std::vector<std::vector<std::uint32_t>> sets;    // positions in `keys`, ascending
  std::vector<NamedAggregate> calls;               // over the child's columns; released: SUMs of sums, MINs of minima
  struct Grouping {                                // GROUPING(a, b): a bit each, set where the set lacks the key
    ColumnId column;
    std::vector<std::uint32_t> keys;  // positions in `keys`; its size for one that no set has
  };
  std::vector<Grouping> grouping;
  sql::SourcePosition position;  // of ROLLUP, CUBE or GROUPING SETS
};

struct LogicalNode {
  std::variant<ScanNode, FilterNode, ProjectNode, JoinNode, AggregateNode, ReleaseNode, SortNode, LimitNode,
               DistinctNode, ValuesNode, SetOperationNode, WindowNode, GroupingSetsNode>
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
  std::vector<std::string> rules;   // that changed it, each once, in the order in which they first did: for EXPLAIN

  // The tree as a rule has rewritten it; the same pointer if there was nothing to do.
  void Rewrite(std::string_view rule, LogicalPtr rewritten) {
    if (rewritten != root && std::find(rules.begin(), rules.end(), rule) == rules.end()) rules.emplace_back(rule);
    root = std::move(rewritten);
  }

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
// As SQL names it: COUNT, SUM, VAR_POP.
std::string_view NameOf(AggregateFunction function);
std::string PrintExpression(const ExpressionPtr& expression, const std::vector<ColumnInfo>& columns);

}  // namespace care::planner
