// Window functions over released rows. A value is hidden where its frame may hold a row that is uncertain, or one whose
// partition, order or argument is hidden.
#include <algorithm>
#include <numeric>
#include <string>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "engine/exec/finish_operators.h"
#include "engine/exec/local/window_values.h"
#include "engine/types/status_macros.h"

namespace care::engine {
namespace {

using planner::WindowFunction;

// Hidden for every row of the window's child, in order: see above.
std::vector<std::uint8_t> HiddenResults(const planner::WindowCall& call, const WindowOrder& order,
                                        const ReleasedRows& child, const ReleasedOrder& keys,
                                        const ReleasedColumn& argument, const ReleasedColumn& fallback) {
  std::vector<std::uint8_t> hidden(child.rows, 0);
  const auto taints = [&](RowIndex row) {
    return child.IsUncertain(row) || (call.argument != nullptr && argument.IsHidden(row));
  };
  // LEAD looks beyond the frame.
  const bool whole_partition = call.function == WindowFunction::kLead;
  std::size_t begin = 0;
  while (begin < child.rows) {
    std::size_t end = begin + 1;
    while (end < child.rows && order.new_partition[end] == 0) ++end;
    bool tainted = false;
    for (std::size_t at = begin; at < end; ++at) {
      tainted = tainted || keys.IsHidden(order.rows[at]) || (whole_partition && taints(order.rows[at]));
    }
    if (call.rows) {
      // An uncertain row moves the frames of those behind it; an argument counts in those that hold it.
      bool moved = tainted;
      std::size_t seen = begin;
      for (std::size_t at = begin; at < end; ++at) {
        const auto [first, last] = call.rows->Within(at, begin, end);
        for (; seen < std::max(last, at + 1); ++seen) moved = moved || child.IsUncertain(order.rows[seen]);
        bool holds = false;
        for (std::size_t row = first; row < last; ++row) holds = holds || taints(order.rows[row]);
        hidden[order.rows[at]] = moved || holds ? 1 : 0;
      }
      begin = end;
      continue;
    }
    for (std::size_t at = begin; at < end;) {
      std::size_t next = at + 1;
      while (next < end && order.new_peers[next] == 0) ++next;
      for (std::size_t peer = at; peer < next; ++peer) tainted = tainted || taints(order.rows[peer]);
      for (std::size_t peer = at; peer < next; ++peer) {
        const RowIndex row = order.rows[peer];
        hidden[row] = tainted || (call.fallback != nullptr && fallback.IsHidden(row)) ? 1 : 0;
      }
      at = next;
    }
    begin = end;
  }
  return hidden;
}

}  // namespace

absl::StatusOr<ReleasedRows> FinishWindow(const planner::WindowNode& window, ReleasedRows child) {
  std::vector<const ReleasedColumn*> partition_keys;
  for (const planner::ColumnId column : window.partition_by) partition_keys.push_back(&child.Find(column));
  std::vector<RowIndex> partitions(child.rows, 0);
  bool hidden_partition = false;
  absl::flat_hash_map<std::string, RowIndex> numbers;
  std::string key;
  for (std::size_t row = 0; row < child.rows; ++row) {
    key.clear();
    for (const ReleasedColumn* column : partition_keys) {
      hidden_partition = hidden_partition || column->IsHidden(row);
      AppendValueKey(column->values[row], key);
    }
    partitions[row] = numbers.try_emplace(key, static_cast<RowIndex>(numbers.size())).first->second;
  }
  CARE_ASSIGN_OR_RETURN(const ReleasedOrder keys, ReleasedOrder::Of(window.order_by, child));
  WindowOrder order;
  order.rows.resize(child.rows);
  std::iota(order.rows.begin(), order.rows.end(), RowIndex{0});
  std::stable_sort(order.rows.begin(), order.rows.end(), [&](RowIndex a, RowIndex b) {
    return partitions[a] != partitions[b] ? partitions[a] < partitions[b] : keys.Compare(a, b) < 0;
  });
  order.new_partition.resize(child.rows, 1);
  order.new_peers.resize(child.rows, 1);
  for (std::size_t i = 1; i < child.rows; ++i) {
    const RowIndex before = order.rows[i - 1];
    const RowIndex row = order.rows[i];
    order.new_partition[i] = partitions[before] != partitions[row] ? 1 : 0;
    order.new_peers[i] = order.new_partition[i] != 0 || keys.Compare(before, row) != 0 ? 1 : 0;
  }
  std::vector<ReleasedColumn> results;
  for (const planner::NamedWindowCall& named : window.calls) {
    ReleasedColumn argument, fallback;
    if (named.call.argument != nullptr) {
      CARE_ASSIGN_OR_RETURN(argument, EvaluateReleased(named.call.argument, child));
    }
    if (named.call.fallback != nullptr) {
      CARE_ASSIGN_OR_RETURN(fallback, EvaluateReleased(named.call.fallback, child));
    }
    CARE_ASSIGN_OR_RETURN(std::vector<Value> values,
                          ComputeWindow(named.call, order, argument.values, fallback.values));
    const std::vector<std::uint8_t> hidden =
        HiddenResults(named.call, order, child, keys, argument, fallback);
    ReleasedColumn& result = results.emplace_back();
    result.column = named.column;
    for (std::size_t row = 0; row < child.rows; ++row) {
      result.Append(std::move(values[row]), hidden_partition || hidden[row] != 0);
    }
  }
  std::move(results.begin(), results.end(), std::back_inserter(child.columns));
  return child;
}

}  // namespace care::engine
