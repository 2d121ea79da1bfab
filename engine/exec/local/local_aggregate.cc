#include "engine/exec/local/local_aggregate.h"

#include <string>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "connectors/connector.h"
#include "engine/exec/local/expression_evaluator.h"
#include "engine/exec/local/number_functions.h"
#include "engine/exec/local/row_operations.h"
#include "engine/exec/local/stored_value.h"
#include "engine/exec/local/value_accumulator.h"
#include "engine/types/check.h"
#include "engine/types/status_macros.h"

namespace care::engine {
namespace {

using planner::AggregateCall;
using planner::AggregateFunction;

struct Groups {
  std::vector<RowNumber> group_of_row;
  std::vector<RowNumber> first_row;  // of each group
  std::size_t count = 0;
};

Groups FindGroups(const std::vector<const Column*>& keys, std::size_t rows) {
  Groups groups;
  groups.group_of_row.resize(rows);
  if (keys.empty()) {
    groups.count = 1;
    return groups;
  }
  absl::flat_hash_map<std::string, RowNumber> numbers;
  std::string key;
  for (std::size_t row = 0; row < rows; ++row) {
    key.clear();
    for (const Column* column : keys) AppendKey(*column, row, key);
    const auto [entry, added] = numbers.try_emplace(key, static_cast<RowNumber>(numbers.size()));
    if (added) groups.first_row.push_back(static_cast<RowNumber>(row));
    groups.group_of_row[row] = entry->second;
  }
  groups.count = numbers.size();
  return groups;
}

// 1 for each row that takes part: the filter is true, the argument is not NULL, and if DISTINCT, it is its
// group's first of that value.
absl::StatusOr<std::vector<std::uint8_t>> Participants(const AggregateCall& call, const Column* argument,
                                                       const ColumnBatch& child, const Groups& groups) {
  std::vector<std::uint8_t> takes_part(child.rows, 1);
  if (call.filter != nullptr) {
    CARE_ASSIGN_OR_RETURN(takes_part, EvaluatePredicate(call.filter, child));
  }
  if (argument == nullptr) return takes_part;
  absl::flat_hash_set<std::string> seen;
  std::string key;
  for (std::size_t row = 0; row < child.rows; ++row) {
    if (takes_part[row] == 0) continue;
    if (argument->IsNull(row)) {
      takes_part[row] = 0;
    } else if (call.distinct) {
      key.assign(reinterpret_cast<const char*>(&groups.group_of_row[row]), sizeof(RowNumber));
      AppendKey(*argument, row, key);
      takes_part[row] = seen.insert(key).second ? 1 : 0;
    }
  }
  return takes_part;
}

// Aggregates of which a value's digits or a whole group decide: one accumulator a group.
bool IsAccumulated(AggregateFunction function) {
  switch (function) {
    case AggregateFunction::kCountStar:
    case AggregateFunction::kCount:
    case AggregateFunction::kSum:
    case AggregateFunction::kMin:
    case AggregateFunction::kMax:
    case AggregateFunction::kBoolAnd:
    case AggregateFunction::kBoolOr:
      return false;
    default:
      return true;
  }
}

absl::StatusOr<Column> Accumulated(const AggregateCall& call, const Column& argument, const ColumnBatch& child,
                                   const Groups& groups, const std::vector<std::uint8_t>& takes_part) {
  Column second;
  if (call.second != nullptr) {
    if (call.distinct) return absl::UnimplementedError("DISTINCT in an aggregate of two arguments is not supported yet");
    CARE_ASSIGN_OR_RETURN(second, EvaluateExpression(call.second, child));
  }
  std::vector<ValueAccumulator> accumulators(groups.count, ValueAccumulator(call));
  for (std::size_t row = 0; row < child.rows; ++row) {
    if (takes_part[row] == 0) continue;
    Value other;
    if (call.second != nullptr) other = second.At(row);
    CARE_RETURN_IF_ERROR(accumulators[groups.group_of_row[row]].Add(argument.At(row),
                                                                    call.second == nullptr ? nullptr : &other));
  }
  Column result;
  result.type = call.type;
  for (const ValueAccumulator& accumulator : accumulators) {
    CARE_ASSIGN_OR_RETURN(const Value value, accumulator.Result());
    CARE_RETURN_IF_ERROR(AppendStored(value, result));
  }
  return result;
}

absl::StatusOr<Column> Call(const AggregateCall& call, const ColumnBatch& child, const Groups& groups) {
  Column argument;
  if (call.argument != nullptr) {
    CARE_ASSIGN_OR_RETURN(argument, EvaluateExpression(call.argument, child));
  }
  CARE_ASSIGN_OR_RETURN(const std::vector<std::uint8_t> takes_part,
                        Participants(call, call.argument == nullptr ? nullptr : &argument, child, groups));
  if (IsAccumulated(call.function)) return Accumulated(call, argument, child, groups, takes_part);
  std::vector<std::int64_t> counts(groups.count, 0);
  std::vector<Int128> sums(groups.count, 0);
  std::vector<RowNumber> best(groups.count, kNoRow);
  const bool adds = call.function == AggregateFunction::kSum;
  const bool least = call.function == AggregateFunction::kMin || call.function == AggregateFunction::kBoolAnd;
  const bool compares = least || call.function == AggregateFunction::kMax ||
                        call.function == AggregateFunction::kBoolOr;
  for (std::size_t row = 0; row < child.rows; ++row) {
    if (takes_part[row] == 0) continue;
    const RowNumber group = groups.group_of_row[row];
    ++counts[group];
    if (adds) sums[group] += argument.integers[row];
    if (!compares) continue;
    RowNumber& chosen = best[group];
    if (chosen == kNoRow) {
      chosen = static_cast<RowNumber>(row);
      continue;
    }
    const int order = CompareCells(argument, row, chosen);
    if (least ? order < 0 : order > 0) chosen = static_cast<RowNumber>(row);
  }
  Column result;
  if (compares) {
    result = GatherColumn(argument, best);
    result.type = call.type;
    return result;
  }
  result.type = call.type;
  const int scale = argument.type.kind == TypeKind::kNumeric ? argument.type.scale : 0;
  for (std::size_t group = 0; group < groups.count; ++group) {
    Value value = Null{};
    if (!adds) {
      value = counts[group];
    } else if (counts[group] > 0) {
      const Decimal sum{sums[group], scale};
      if (call.type.kind == TypeKind::kNumeric) {
        if (static_cast<std::int64_t>(sum.unscaled) != sum.unscaled) {
          return absl::OutOfRangeError("a SUM of one owner's rows does not fit 64 bits; sum a smaller range of values");
        }
        value = sum;
      } else {
        CARE_ASSIGN_OR_RETURN(value, CheckedInteger(sum.unscaled, call.type));
      }
    }
    CARE_RETURN_IF_ERROR(AppendStored(value, result));
  }
  return result;
}

}  // namespace

absl::StatusOr<ColumnBatch> EvaluateAggregate(const planner::AggregateNode& aggregate, const ColumnBatch& child,
                                              const std::vector<planner::ColumnInfo>& columns) {
  std::vector<const Column*> keys;
  for (planner::ColumnId id : aggregate.group_by) {
    const int position = child.FindColumn(connectors::ColumnName(id));
    CARE_CHECK(position >= 0);
    keys.push_back(&child.columns[static_cast<std::size_t>(position)]);
  }
  const Groups groups = FindGroups(keys, child.rows);
  ColumnBatch result;
  result.rows = groups.count;
  for (const Column* key : keys) result.columns.push_back(GatherColumn(*key, groups.first_row));
  for (const planner::NamedAggregate& call : aggregate.calls) {
    CARE_ASSIGN_OR_RETURN(Column column, Call(call.call, child, groups));
    column.name = connectors::ColumnName(call.column);
    CARE_CHECK(call.column < columns.size());
    result.columns.push_back(std::move(column));
  }
  return result;
}

}  // namespace care::engine
