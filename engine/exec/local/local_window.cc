#include "engine/exec/local/local_window.h"

#include <algorithm>
#include <numeric>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "connectors/connector.h"
#include "engine/exec/local/expression_evaluator.h"
#include "engine/exec/local/local_order.h"
#include "engine/exec/local/stored_value.h"
#include "engine/exec/local/window_values.h"
#include "engine/types/check.h"
#include "engine/types/status_macros.h"

namespace care::engine {
namespace {

std::vector<RowNumber> PartitionOfRow(const planner::WindowNode& window, const ColumnBatch& child) {
  std::vector<RowNumber> partitions(child.rows, 0);
  if (window.partition_by.empty()) return partitions;
  absl::flat_hash_map<std::string, RowNumber> numbers;
  std::string key;
  for (std::size_t row = 0; row < child.rows; ++row) {
    key.clear();
    for (const planner::ColumnId id : window.partition_by) {
      const int position = child.FindColumn(connectors::ColumnName(id));
      CARE_CHECK(position >= 0);
      AppendKey(child.columns[static_cast<std::size_t>(position)], row, key);
    }
    partitions[row] = numbers.try_emplace(key, static_cast<RowNumber>(numbers.size())).first->second;
  }
  return partitions;
}

absl::StatusOr<WindowOrder> OrderOf(const planner::WindowNode& window, const ColumnBatch& child) {
  const std::vector<RowNumber> partitions = PartitionOfRow(window, child);
  CARE_ASSIGN_OR_RETURN(const RowOrder keys, RowOrder::Of(window.order_by, child));
  WindowOrder order;
  order.rows.resize(child.rows);
  std::iota(order.rows.begin(), order.rows.end(), RowNumber{0});
  std::stable_sort(order.rows.begin(), order.rows.end(), [&](RowNumber a, RowNumber b) {
    return partitions[a] != partitions[b] ? partitions[a] < partitions[b] : keys.Compare(a, b) < 0;
  });
  order.new_partition.resize(child.rows, 1);
  order.new_peers.resize(child.rows, 1);
  for (std::size_t i = 1; i < child.rows; ++i) {
    const RowNumber before = order.rows[i - 1];
    const RowNumber row = order.rows[i];
    order.new_partition[i] = partitions[before] != partitions[row] ? 1 : 0;
    order.new_peers[i] = order.new_partition[i] != 0 || keys.Compare(before, row) != 0 ? 1 : 0;
  }
  return order;
}

absl::StatusOr<std::vector<Value>> ValuesOf(const planner::ExpressionPtr& expression,
                                            const ColumnBatch& child) {
  std::vector<Value> values;
  if (expression == nullptr) return values;
  CARE_ASSIGN_OR_RETURN(const Column column, EvaluateExpression(expression, child));
  values.reserve(child.rows);
  for (std::size_t row = 0; row < child.rows; ++row) values.push_back(column.At(row));
  return values;
}

}  // namespace

absl::StatusOr<ColumnBatch> EvaluateWindow(const planner::WindowNode& window, const ColumnBatch& child) {
  CARE_ASSIGN_OR_RETURN(const WindowOrder order, OrderOf(window, child));
  ColumnBatch result = child;
  for (const planner::NamedWindowCall& named : window.calls) {
    CARE_ASSIGN_OR_RETURN(const std::vector<Value> arguments, ValuesOf(named.call.argument, child));
    CARE_ASSIGN_OR_RETURN(const std::vector<Value> fallbacks, ValuesOf(named.call.fallback, child));
    CARE_ASSIGN_OR_RETURN(const std::vector<Value> values,
                          ComputeWindow(named.call, order, arguments, fallbacks));
    Column column;
    column.name = connectors::ColumnName(named.column);
    column.type = named.call.type;
    for (const Value& value : values) CARE_RETURN_IF_ERROR(AppendStored(value, column));
    result.columns.push_back(std::move(column));
  }
  return result;
}

}  // namespace care::engine
