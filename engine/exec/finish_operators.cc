#include "engine/exec/finish_operators.h"

#include <algorithm>
#include <numeric>
#include <set>
#include <string>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "engine/exec/local/scalar.h"
#include "engine/types/check.h"
#include "engine/types/status_macros.h"

namespace care::engine {
namespace {

// A hidden predicate does not say whether its row passes: the row stays, and is uncertain.
absl::StatusOr<ReleasedRows> Filter(const planner::FilterNode& filter, const ReleasedRows& child) {
  CARE_ASSIGN_OR_RETURN(const ReleasedColumn truth, EvaluateReleased(filter.predicate, child));
  std::vector<RowIndex> kept;
  std::vector<std::size_t> undecided;
  for (std::size_t row = 0; row < child.rows; ++row) {
    const auto* passes = std::get_if<bool>(&truth.values[row]);
    if (truth.IsHidden(row)) undecided.push_back(kept.size());
    if (truth.IsHidden(row) || (passes != nullptr && *passes)) kept.push_back(static_cast<RowIndex>(row));
  }
  ReleasedRows rows = GatherReleased(child, kept);
  for (const std::size_t row : undecided) rows.MarkUncertain(row);
  return rows;
}

absl::StatusOr<ReleasedRows> Project(const planner::ProjectNode& project, ReleasedRows child) {
  ReleasedRows rows;
  rows.rows = child.rows;
  rows.incomplete = child.incomplete;
  for (const planner::NamedExpression& item : project.columns) {
    CARE_ASSIGN_OR_RETURN(ReleasedColumn column, EvaluateReleased(item.expression, child));
    column.column = item.column;
    rows.columns.push_back(std::move(column));
  }
  rows.uncertain = std::move(child.uncertain);
  return rows;
}

absl::StatusOr<ReleasedRows> Sort(const planner::SortNode& sort, const ReleasedRows& child) {
  CARE_ASSIGN_OR_RETURN(const ReleasedOrder keys, ReleasedOrder::Of(sort.keys, child));
  std::vector<RowIndex> order(child.rows);
  std::iota(order.begin(), order.end(), RowIndex{0});
  std::stable_sort(order.begin(), order.end(),
                   [&](RowIndex a, RowIndex b) { return keys.Compare(a, b) < 0; });
  return GatherReleased(child, order);
}

// A row whose place in the order is hidden may belong among those that are kept, and one that may not stand moves those behind it.
absl::StatusOr<ReleasedRows> Limit(const planner::LimitNode& limit, const ReleasedRows& child) {
  const std::uint64_t begin = std::min<std::uint64_t>(limit.offset, child.rows);
  const std::uint64_t count = std::min<std::uint64_t>(limit.limit.value_or(child.rows), child.rows - begin);
  std::vector<RowIndex> kept(count);
  std::iota(kept.begin(), kept.end(), static_cast<RowIndex>(begin));
  ReleasedRows rows = GatherReleased(child, kept);
  if (count == child.rows) return rows;
  bool undecided = false;
  for (std::uint64_t row = 0; row < begin; ++row) undecided = undecided || child.IsUncertain(row);
  if (const auto* sort = std::get_if<planner::SortNode>(&limit.child->node)) {
    CARE_ASSIGN_OR_RETURN(const ReleasedOrder keys, ReleasedOrder::Of(sort->keys, child));
    for (std::size_t row = 0; row < child.rows; ++row) undecided = undecided || keys.IsHidden(static_cast<RowIndex>(row));
  }
  for (std::size_t row = 0; undecided && row < rows.rows; ++row) rows.MarkUncertain(row);
  return rows;
}

// Rows with a hidden cell equal none, as far as is shown: whether they do, and so how many there are, is hidden.
ReleasedRows Distinct(const ReleasedRows& child) {
  absl::flat_hash_map<std::string, std::size_t> seen;
  std::vector<RowIndex> kept;
  std::vector<std::size_t> certain, undecided;
  std::string key;
  for (std::size_t row = 0; row < child.rows; ++row) {
    const bool hidden = std::any_of(child.columns.begin(), child.columns.end(),
                                    [&](const ReleasedColumn& column) { return column.IsHidden(row); });
    if (!hidden) {
      key.clear();
      for (const ReleasedColumn& column : child.columns) AppendValueKey(column.values[row], key);
      const auto [entry, added] = seen.try_emplace(key, kept.size());
      if (!added) {
        if (!child.IsUncertain(row)) certain.push_back(entry->second);
        continue;
      }
    } else if (child.rows > 1) {
      undecided.push_back(kept.size());
    }
    kept.push_back(static_cast<RowIndex>(row));
  }
  ReleasedRows rows = GatherReleased(child, kept);
  for (const std::size_t row : undecided) rows.MarkUncertain(row);
  if (!rows.uncertain.empty()) {
    for (const std::size_t row : certain) rows.uncertain[row] = 0;
  }
  return rows;
}

ReleasedRows Values(const planner::ValuesNode& values) {
  ReleasedRows rows;
  rows.rows = values.rows.size();
  for (std::size_t i = 0; i < values.columns.size(); ++i) {
    ReleasedColumn& column = rows.AddColumn(values.columns[i]);
    for (const std::vector<Value>& row : values.rows) column.values.push_back(row[i]);
  }
  return rows;
}

}  // namespace

absl::StatusOr<ReleasedColumn> EvaluateReleased(const planner::ExpressionPtr& expression,
                                                const ReleasedRows& rows) {
  if (const auto* plain = std::get_if<planner::ColumnExpression>(&expression->node))
    return rows.Find(plain->column);
  std::set<planner::ColumnId> used;
  planner::CollectColumns(expression, used);
  absl::flat_hash_map<planner::ColumnId, const ReleasedColumn*> columns;
  bool may_hide = false;
  for (const planner::ColumnId id : used) {
    const ReleasedColumn& column = rows.Find(id);
    columns[id] = &column;
    may_hide = may_hide || !column.hidden.empty();
  }
  ReleasedColumn result;
  result.values.reserve(rows.rows);
  std::size_t row = 0;
  const ColumnLookup lookup = [&](planner::ColumnId id) -> absl::StatusOr<Value> {
    return columns.at(id)->values[row];
  };
  const auto needs_hidden = [&](const planner::ExpressionPtr& part) {
    std::set<planner::ColumnId> read;
    planner::CollectColumns(part, read);
    return std::any_of(read.begin(), read.end(), [&](planner::ColumnId id) { return columns.at(id)->IsHidden(row); });
  };
  const auto* call = std::get_if<planner::CallExpression>(&expression->node);
  const bool coalesces = call != nullptr && call->function == planner::Function::kCoalesce;
  for (; row < rows.rows; ++row) {
    if (may_hide && needs_hidden(expression)) {
      // What is hidden behind COALESCE's first value does not matter.
      Value first;
      bool hidden = true;
      for (std::size_t i = 0; coalesces && i < call->arguments.size() && !needs_hidden(call->arguments[i]); ++i) {
        CARE_ASSIGN_OR_RETURN(first, EvaluateScalar(call->arguments[i], lookup));
        hidden = care::IsNull(first);
        if (!hidden) break;
      }
      result.Append(hidden ? Value(Null{}) : std::move(first), hidden);
      continue;
    }
    CARE_ASSIGN_OR_RETURN(Value value, EvaluateScalar(expression, lookup));
    result.Append(std::move(value));
  }
  return result;
}

absl::StatusOr<ReleasedOrder> ReleasedOrder::Of(const std::vector<planner::SortKey>& keys,
                                                const ReleasedRows& rows) {
  std::vector<ReleasedColumn> columns;
  for (const planner::SortKey& key : keys) {
    CARE_ASSIGN_OR_RETURN(ReleasedColumn column, EvaluateReleased(key.expression, rows));
    columns.push_back(std::move(column));
  }
  return ReleasedOrder(keys, std::move(columns));
}

int ReleasedOrder::Compare(RowIndex a, RowIndex b) const {
  for (std::size_t i = 0; i < columns_.size(); ++i) {
    const planner::SortKey& key = (*keys_)[i];
    const ReleasedColumn& column = columns_[i];
    if (column.IsHidden(a) != column.IsHidden(b)) return column.IsHidden(b) ? -1 : 1;
    const bool a_null = care::IsNull(column.values[a]);
    const bool b_null = care::IsNull(column.values[b]);
    if (a_null != b_null) return a_null == key.nulls_first ? -1 : 1;
    if (a_null) continue;
    const int order = CompareValues(column.values[a], column.values[b]);
    if (order != 0) return key.descending ? -order : order;
  }
  return 0;
}

bool ReleasedOrder::IsHidden(RowIndex row) const {
  return std::any_of(columns_.begin(), columns_.end(),
                     [&](const ReleasedColumn& column) { return column.IsHidden(row); });
}

absl::StatusOr<ReleasedRows> FinishOperator(const planner::LogicalNode& node,
                                            std::vector<ReleasedRows> children) {
  for (const ReleasedRows& child : children) {
    if (child.rows >= kNoRowIndex) return absl::ResourceExhaustedError("the answer has too many rows");
  }
  if (const auto* filter = std::get_if<planner::FilterNode>(&node.node)) return Filter(*filter, children[0]);
  if (const auto* project = std::get_if<planner::ProjectNode>(&node.node)) {
    return Project(*project, std::move(children[0]));
  }
  if (const auto* sort = std::get_if<planner::SortNode>(&node.node)) return Sort(*sort, children[0]);
  if (const auto* limit = std::get_if<planner::LimitNode>(&node.node)) return Limit(*limit, children[0]);
  if (std::holds_alternative<planner::DistinctNode>(node.node)) return Distinct(children[0]);
  if (const auto* values = std::get_if<planner::ValuesNode>(&node.node)) return Values(*values);
  if (const auto* aggregate = std::get_if<planner::AggregateNode>(&node.node)) {
    return FinishAggregate(*aggregate, children[0]);
  }
  if (const auto* sets = std::get_if<planner::GroupingSetsNode>(&node.node)) {
    return FinishGroupingSets(*sets, children[0]);
  }
  if (const auto* window = std::get_if<planner::WindowNode>(&node.node)) {
    return FinishWindow(*window, std::move(children[0]));
  }
  if (const auto* join = std::get_if<planner::JoinNode>(&node.node)) {
    return FinishJoin(*join, children[0], children[1]);
  }
  if (const auto* operation = std::get_if<planner::SetOperationNode>(&node.node)) {
    return FinishSetOperation(*operation, children);
  }
  return absl::InternalError("an operator above the release cannot run on released rows");
}

}  // namespace care::engine
