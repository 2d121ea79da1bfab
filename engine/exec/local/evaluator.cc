#include "engine/exec/local/evaluator.h"

#include <algorithm>
#include <memory>
#include <numeric>
#include <string>
#include <utility>

#include "absl/container/flat_hash_set.h"
#include "engine/exec/local/expression_evaluator.h"
#include "engine/exec/local/local_aggregate.h"
#include "engine/exec/local/local_join.h"
#include "engine/exec/local/local_order.h"
#include "engine/exec/local/local_window.h"
#include "engine/exec/local/row_operations.h"
#include "engine/exec/local/set_operation.h"
#include "engine/types/check.h"
#include "engine/types/status_macros.h"

namespace care::engine {
namespace {

using connectors::Connector;
using planner::ColumnInfo;
using planner::ExpressionPtr;
using planner::LogicalNode;
using planner::LogicalPtr;

// A filter that the database supports in part, as two: the supported conjuncts below, the others above.
LogicalNode WithFilterSplit(const LogicalNode& node, const Connector& connector) {
  const auto* filter = std::get_if<planner::FilterNode>(&node.node);
  if (filter == nullptr) return node;
  std::vector<ExpressionPtr> below;
  std::vector<ExpressionPtr> above;
  for (const ExpressionPtr& conjunct : planner::SplitConjuncts(filter->predicate)) {
    const bool supported = connector.Supports(LogicalNode{planner::FilterNode{filter->child, conjunct}});
    (supported ? below : above).push_back(conjunct);
  }
  if (below.empty() || above.empty()) return node;
  auto lower = std::make_shared<LogicalNode>(
      LogicalNode{planner::FilterNode{filter->child, planner::MakeConjunction(std::move(below))}});
  return LogicalNode{planner::FilterNode{std::move(lower), planner::MakeConjunction(std::move(above))}};
}

absl::StatusOr<ColumnBatch> Project(const planner::ProjectNode& project, const ColumnBatch& child) {
  ColumnBatch result;
  result.rows = child.rows;
  for (const planner::NamedExpression& named : project.columns) {
    CARE_ASSIGN_OR_RETURN(Column column, EvaluateExpression(named.expression, child));
    column.name = connectors::ColumnName(named.column);
    result.columns.push_back(std::move(column));
  }
  return result;
}

absl::StatusOr<ColumnBatch> Sort(const planner::SortNode& sort, const ColumnBatch& child) {
  CARE_ASSIGN_OR_RETURN(const RowOrder keys, RowOrder::Of(sort.keys, child));
  std::vector<RowNumber> order(child.rows);
  std::iota(order.begin(), order.end(), RowNumber{0});
  std::stable_sort(order.begin(), order.end(), [&](RowNumber a, RowNumber b) { return keys.Compare(a, b) < 0; });
  return GatherRows(child, order);
}

ColumnBatch Limit(const planner::LimitNode& limit, const ColumnBatch& child) {
  const std::uint64_t begin = std::min<std::uint64_t>(limit.offset, child.rows);
  const std::uint64_t count = std::min<std::uint64_t>(limit.limit.value_or(child.rows), child.rows - begin);
  std::vector<RowNumber> rows(count);
  std::iota(rows.begin(), rows.end(), static_cast<RowNumber>(begin));
  return GatherRows(child, rows);
}

ColumnBatch Distinct(const ColumnBatch& child) {
  absl::flat_hash_set<std::string> seen;
  std::vector<RowNumber> rows;
  std::string key;
  for (std::size_t row = 0; row < child.rows; ++row) {
    key.clear();
    for (const Column& column : child.columns) AppendKey(column, row, key);
    if (seen.insert(key).second) rows.push_back(static_cast<RowNumber>(row));
  }
  return GatherRows(child, rows);
}

}  // namespace

absl::StatusOr<ColumnBatch> EvaluateOperator(const LogicalNode& node, std::vector<ColumnBatch> children,
                                             const std::vector<ColumnInfo>& columns) {
  for (const ColumnBatch& child : children) {
    if (child.rows >= kNoRow) return absl::ResourceExhaustedError("a local fragment has too many rows");
  }
  CARE_CHECK(children.size() == ChildrenOf(node).size());
  if (const auto* filter = std::get_if<planner::FilterNode>(&node.node)) {
    CARE_ASSIGN_OR_RETURN(const std::vector<std::uint8_t> keep, EvaluatePredicate(filter->predicate, children[0]));
    return GatherRows(children[0], RowsWhere(keep));
  }
  if (const auto* project = std::get_if<planner::ProjectNode>(&node.node)) return Project(*project, children[0]);
  if (const auto* join = std::get_if<planner::JoinNode>(&node.node)) {
    return EvaluateJoin(*join, children[0], children[1]);
  }
  if (const auto* aggregate = std::get_if<planner::AggregateNode>(&node.node)) {
    return EvaluateAggregate(*aggregate, children[0], columns);
  }
  if (const auto* sort = std::get_if<planner::SortNode>(&node.node)) return Sort(*sort, children[0]);
  if (const auto* limit = std::get_if<planner::LimitNode>(&node.node)) return Limit(*limit, children[0]);
  if (std::holds_alternative<planner::DistinctNode>(node.node)) return Distinct(children[0]);
  if (const auto* values = std::get_if<planner::ValuesNode>(&node.node)) return EvaluateValues(*values, columns);
  if (const auto* operation = std::get_if<planner::SetOperationNode>(&node.node)) {
    return EvaluateSetOperation(*operation, children, columns);
  }
  if (const auto* window = std::get_if<planner::WindowNode>(&node.node)) return EvaluateWindow(*window, children[0]);
  return absl::InternalError("a local fragment holds an operator that no owner evaluates");
}

absl::StatusOr<ColumnBatch> RunFragment(const LogicalNode& node, Connector& connector,
                                        const std::vector<ColumnInfo>& columns) {
  if (connector.Supports(node)) return connector.Run(node);
  const LogicalNode split = WithFilterSplit(node, connector);
  std::vector<ColumnBatch> children;
  for (const LogicalPtr& child : ChildrenOf(split)) {
    CARE_ASSIGN_OR_RETURN(ColumnBatch batch, RunFragment(*child, connector, columns));
    children.push_back(std::move(batch));
  }
  return EvaluateOperator(split, std::move(children), columns);
}

absl::StatusOr<std::vector<std::string>> FragmentSql(const LogicalNode& node, const Connector& connector) {
  if (connector.Supports(node)) {
    CARE_ASSIGN_OR_RETURN(std::string sql, connector.SqlFor(node));
    return std::vector<std::string>{std::move(sql)};
  }
  std::vector<std::string> statements;
  const LogicalNode split = WithFilterSplit(node, connector);
  for (const LogicalPtr& child : ChildrenOf(split)) {
    CARE_ASSIGN_OR_RETURN(std::vector<std::string> below, FragmentSql(*child, connector));
    std::move(below.begin(), below.end(), std::back_inserter(statements));
  }
  return statements;
}

}  // namespace care::engine
