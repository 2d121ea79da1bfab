#include <set>
#include <type_traits>
#include <utility>

#include "planner/logical/column_facts.h"

namespace care::planner {
namespace {

std::uint64_t SaturatingProduct(std::uint64_t a, std::uint64_t b) {
  std::uint64_t product = 0;
  if (a == 0 || b == 0 || __builtin_mul_overflow(a, b, &product)) return 0;
  return product;
}

// The scan below filters only, or null: a unique key of the table is a key of the node.
const ScanNode* ScanBelow(const LogicalNode& node) {
  if (const auto* scan = std::get_if<ScanNode>(&node.node)) return scan;
  if (const auto* filter = std::get_if<FilterNode>(&node.node)) return ScanBelow(*filter->child);
  return nullptr;
}

// Whether the node has at most one row for each value of the columns.
bool UniqueOn(const LogicalNode& node, const std::set<ColumnId>& columns, const Catalog& catalog) {
  if (const auto* aggregate = std::get_if<AggregateNode>(&node.node)) {
    for (ColumnId column : aggregate->group_by) {
      if (columns.count(column) == 0) return false;
    }
    return true;
  }
  if (const auto* project = std::get_if<ProjectNode>(&node.node))
    return UniqueOn(*project->child, columns, catalog);
  const ScanNode* scan = ScanBelow(node);
  if (scan == nullptr) return false;
  std::set<int> positions;
  for (const ScanNode::Output& output : scan->columns) {
    if (columns.count(output.column) != 0) positions.insert(output.table_column);
  }
  for (const std::vector<int>& key : catalog.tables[scan->table].unique_keys) {
    bool covered = true;
    for (int position : key) covered = covered && positions.count(position) != 0;
    if (covered) return true;
  }
  return false;
}

// The columns of one side that the condition equates with columns of the other.
std::set<ColumnId> EquatedColumns(const ExpressionPtr& condition, const LogicalNode& side,
                                  const LogicalNode& other) {
  std::set<ColumnId> own, others, equated;
  for (ColumnId column : OutputColumns(side)) own.insert(column);
  for (ColumnId column : OutputColumns(other)) others.insert(column);
  for (const ExpressionPtr& conjunct : SplitConjuncts(condition)) {
    const auto* call = std::get_if<CallExpression>(&conjunct->node);
    if (call == nullptr || call->function != Function::kEqual) continue;
    const auto* a = std::get_if<ColumnExpression>(&call->arguments[0]->node);
    const auto* b = std::get_if<ColumnExpression>(&call->arguments[1]->node);
    if (a == nullptr || b == nullptr) continue;
    if (own.count(a->column) != 0 && others.count(b->column) != 0) equated.insert(a->column);
    if (own.count(b->column) != 0 && others.count(a->column) != 0) equated.insert(b->column);
  }
  return equated;
}

void Refresh(const LogicalNode& node, LogicalPlan& plan, const Catalog& catalog) {
  for (const LogicalPtr& child : ChildrenOf(node)) Refresh(*child, plan, catalog);
  std::visit(
      [&](const auto& part) {
        using Node = std::decay_t<decltype(part)>;
        if constexpr (std::is_same_v<Node, ScanNode>) {
          for (const ScanNode::Output& output : part.columns) {
            plan.columns[output.column] = InfoOf(catalog, part.table, output.table_column);
          }
        } else if constexpr (std::is_same_v<Node, ProjectNode>) {
          for (const NamedExpression& item : part.columns) {
            const auto* column = std::get_if<ColumnExpression>(&item.expression->node);
            if (column != nullptr && column->column == item.column) continue;
            SetFacts(FactsOf(item.expression, plan.columns), plan.columns[item.column]);
          }
        } else if constexpr (std::is_same_v<Node, JoinNode>) {
          if (part.kind == JoinKind::kLeft || part.kind == JoinKind::kFull) {
            for (ColumnId column : OutputColumns(*part.right)) plan.columns[column].nullable = true;
          }
          if (part.kind == JoinKind::kFull) {
            for (ColumnId column : OutputColumns(*part.left)) plan.columns[column].nullable = true;
          }
        } else if constexpr (std::is_same_v<Node, AggregateNode>) {
          const std::uint64_t rows = RowBoundOf(*part.child, plan, catalog);
          for (const NamedAggregate& named : part.calls) {
            SetFacts(FactsOf(named.call, !part.group_by.empty(), rows, plan.columns),
                     plan.columns[named.column]);
          }
        }
      },
      node.node);
}

}  // namespace

std::uint64_t RowBoundOf(const LogicalNode& node, const LogicalPlan& plan, const Catalog& catalog) {
  if (const auto* scan = std::get_if<ScanNode>(&node.node)) return catalog.tables[scan->table].row_bound;
  if (const auto* join = std::get_if<JoinNode>(&node.node)) {
    const std::uint64_t left = RowBoundOf(*join->left, plan, catalog);
    if (join->kind == JoinKind::kSemi || join->kind == JoinKind::kAnti) return left;
    if (UniqueOn(*join->right, EquatedColumns(join->condition, *join->right, *join->left), catalog))
      return left;
    const std::uint64_t right = RowBoundOf(*join->right, plan, catalog);
    if (join->kind == JoinKind::kInner &&
        UniqueOn(*join->left, EquatedColumns(join->condition, *join->left, *join->right), catalog)) {
      return right;
    }
    return join->kind == JoinKind::kFull ? 0 : SaturatingProduct(left, right);
  }
  if (const auto* aggregate = std::get_if<AggregateNode>(&node.node)) {
    return aggregate->group_by.empty() ? 1 : RowBoundOf(*aggregate->child, plan, catalog);
  }
  return RowBoundOf(*ChildrenOf(node)[0], plan, catalog);
}

void RefreshFacts(LogicalPlan& plan, const Catalog& catalog) { Refresh(*plan.root, plan, catalog); }

}  // namespace care::planner
