// Groups of released rows: aggregates over subqueries that were released, and the sets of ROLLUP, CUBE and GROUPING SETS. A
// group's value is hidden where a row that takes part has a hidden argument or is itself uncertain, so that a total never says
// anything of a hidden cell.
#include <algorithm>
#include <string>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "engine/exec/finish_operators.h"
#include "engine/exec/local/value_accumulator.h"
#include "engine/types/check.h"
#include "engine/types/status_macros.h"

namespace care::engine {
namespace {

using planner::AggregateFunction;
using planner::ColumnId;

struct Grouped {
  std::vector<RowIndex> group_of_row;
  std::vector<RowIndex> first_row;      // of each group; none of the one group of no keys
  std::vector<std::uint8_t> uncertain;  // by group: whether no row of it is certain
  std::size_t count = 0;
  // Some row's key is hidden: it may belong to any group.
  bool hidden_key = false;
};

Grouped GroupRows(const std::vector<const ReleasedColumn*>& keys, const ReleasedRows& child) {
  Grouped groups;
  groups.group_of_row.resize(child.rows, 0);
  if (keys.empty()) {
    groups.count = 1;
    groups.uncertain = {0};
    return groups;
  }
  absl::flat_hash_map<std::string, RowIndex> numbers;
  std::string key;
  for (std::size_t row = 0; row < child.rows; ++row) {
    key.clear();
    bool hidden = false;
    for (const ReleasedColumn* column : keys) {
      hidden = hidden || column->IsHidden(row);
      if (column->IsHidden(row)) {
        key.push_back('*');
      } else {
        AppendValueKey(column->values[row], key);
      }
    }
    groups.hidden_key = groups.hidden_key || hidden;
    const auto [entry, added] = numbers.try_emplace(key, static_cast<RowIndex>(numbers.size()));
    if (added) {
      groups.first_row.push_back(static_cast<RowIndex>(row));
      groups.uncertain.push_back(1);
    }
    groups.group_of_row[row] = entry->second;
    if (!hidden && !child.IsUncertain(row)) groups.uncertain[entry->second] = 0;
  }
  groups.count = numbers.size();
  return groups;
}

absl::StatusOr<ReleasedColumn> CallOver(const planner::NamedAggregate& named, const ReleasedRows& child,
                                        const Grouped& groups) {
  const planner::AggregateCall& call = named.call;
  ReleasedColumn argument, second, filter;
  if (call.argument != nullptr) {
    CARE_ASSIGN_OR_RETURN(argument, EvaluateReleased(call.argument, child));
  }
  if (call.second != nullptr) {
    if (call.distinct)
      return absl::UnimplementedError("DISTINCT in an aggregate of two arguments is not supported yet");
    CARE_ASSIGN_OR_RETURN(second, EvaluateReleased(call.second, child));
  }
  if (call.filter != nullptr) {
    CARE_ASSIGN_OR_RETURN(filter, EvaluateReleased(call.filter, child));
  }
  std::vector<ValueAccumulator> accumulators(groups.count, ValueAccumulator(call));
  std::vector<std::uint8_t> hidden(groups.count, groups.hidden_key ? 1 : 0);
  absl::flat_hash_set<std::string> seen;
  std::string key;
  for (std::size_t row = 0; row < child.rows; ++row) {
    const RowIndex group = groups.group_of_row[row];
    if (hidden[group] != 0) continue;
    if (call.filter != nullptr && !filter.IsHidden(row)) {
      const bool* passes = std::get_if<bool>(&filter.values[row]);
      if (passes == nullptr || !*passes) continue;
    }
    const bool of_all_rows = call.function == AggregateFunction::kCountStar;
    // A NULL that is visible takes no part, whatever else is hidden of its row.
    if (!of_all_rows && !argument.IsHidden(row) && care::IsNull(argument.values[row])) continue;
    if (child.IsUncertain(row) || (call.filter != nullptr && filter.IsHidden(row)) ||
        (!of_all_rows && argument.IsHidden(row)) || (call.second != nullptr && second.IsHidden(row))) {
      hidden[group] = 1;
      continue;
    }
    if (call.distinct && !of_all_rows) {
      key.assign(reinterpret_cast<const char*>(&group), sizeof group);
      AppendValueKey(argument.values[row], key);
      if (!seen.insert(key).second) continue;
    }
    CARE_RETURN_IF_ERROR(accumulators[group].Add(of_all_rows ? Value(Null{}) : argument.values[row],
                                                 call.second == nullptr ? nullptr : &second.values[row]));
  }
  ReleasedColumn result;
  result.column = named.column;
  for (std::size_t group = 0; group < groups.count; ++group) {
    Value value;
    if (hidden[group] == 0) {
      CARE_ASSIGN_OR_RETURN(value, accumulators[group].Result());
    }
    result.Append(std::move(value), hidden[group] != 0);
  }
  return result;
}

void MarkUncertainGroups(const Grouped& groups, std::size_t offset, ReleasedRows& rows) {
  for (std::size_t group = 0; group < groups.count; ++group) {
    if (groups.uncertain[group] != 0) rows.MarkUncertain(offset + group);
  }
}

}  // namespace

absl::StatusOr<ReleasedRows> FinishAggregate(const planner::AggregateNode& aggregate,
                                             const ReleasedRows& child) {
  std::vector<const ReleasedColumn*> keys;
  for (const ColumnId column : aggregate.group_by) keys.push_back(&child.Find(column));
  const Grouped groups = GroupRows(keys, child);
  ReleasedRows result;
  result.rows = groups.count;
  result.incomplete = child.incomplete;
  for (const ReleasedColumn* key : keys) result.columns.push_back(GatherReleased(*key, groups.first_row));
  for (const planner::NamedAggregate& named : aggregate.calls) {
    CARE_ASSIGN_OR_RETURN(ReleasedColumn column, CallOver(named, child, groups));
    result.columns.push_back(std::move(column));
  }
  MarkUncertainGroups(groups, 0, result);
  return result;
}

absl::StatusOr<ReleasedRows> FinishGroupingSets(const planner::GroupingSetsNode& sets,
                                                const ReleasedRows& child) {
  ReleasedRows result;
  result.incomplete = child.incomplete;
  for (const ColumnId column : sets.key_outputs) result.AddColumn(column);
  for (const planner::NamedAggregate& named : sets.calls) result.AddColumn(named.column);
  for (const planner::GroupingSetsNode::Grouping& grouping : sets.grouping) result.AddColumn(grouping.column);
  for (const std::vector<std::uint32_t>& set : sets.sets) {
    const auto has = [&](std::uint32_t key) { return std::find(set.begin(), set.end(), key) != set.end(); };
    std::vector<const ReleasedColumn*> keys;
    for (const std::uint32_t key : set) keys.push_back(&child.Find(sets.keys[key]));
    const Grouped groups = GroupRows(keys, child);
    const std::size_t offset = result.rows;
    std::size_t next = 0;
    for (std::uint32_t key = 0; key < sets.keys.size(); ++key, ++next) {
      const ReleasedColumn& from = child.Find(sets.keys[key]);
      for (std::size_t group = 0; group < groups.count; ++group) {
        if (!has(key)) {
          result.columns[next].Append(Null{});
        } else {
          result.columns[next].Append(from.values[groups.first_row[group]],
                                      from.IsHidden(groups.first_row[group]));
        }
      }
    }
    for (const planner::NamedAggregate& named : sets.calls) {
      CARE_ASSIGN_OR_RETURN(ReleasedColumn column, CallOver(named, child, groups));
      for (std::size_t group = 0; group < groups.count; ++group) {
        result.columns[next].Append(std::move(column.values[group]), column.IsHidden(group));
      }
      ++next;
    }
    for (const planner::GroupingSetsNode::Grouping& grouping : sets.grouping) {
      std::int64_t bits = 0;
      for (const std::uint32_t key : grouping.keys) bits = bits * 2 + (has(key) ? 0 : 1);
      for (std::size_t group = 0; group < groups.count; ++group) result.columns[next].Append(bits);
      ++next;
    }
    result.rows += groups.count;
    if (!result.uncertain.empty()) result.uncertain.resize(result.rows, 0);
    MarkUncertainGroups(groups, offset, result);
  }
  return result;
}

}  // namespace care::engine
