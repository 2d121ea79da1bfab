// UNION, INTERSECT and EXCEPT of released rows. A row with a hidden cell equals none for certain: UNION keeps it; where it
// decides whether a row of INTERSECT or EXCEPT stands, that row is shown hidden as a whole.
#include <algorithm>
#include <string>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "engine/exec/finish_operators.h"
#include "engine/exec/local/set_operation.h"
#include "engine/types/status_macros.h"

namespace care::engine {
namespace {

bool AnyHidden(const ReleasedRows& rows, std::size_t row) {
  return std::any_of(rows.columns.begin(), rows.columns.end(),
                     [&](const ReleasedColumn& column) { return column.IsHidden(row); });
}

ReleasedRows Concatenated(const planner::SetOperationNode& operation,
                          const std::vector<ReleasedRows>& inputs) {
  ReleasedRows all;
  for (std::size_t i = 0; i < operation.columns.size(); ++i) {
    ReleasedColumn& column = all.AddColumn(operation.columns[i]);
    for (std::size_t input = 0; input < inputs.size(); ++input) {
      const ReleasedColumn& from = inputs[input].Find(operation.input_columns[input][i]);
      for (std::size_t row = 0; row < inputs[input].rows; ++row)
        column.Append(from.values[row], from.IsHidden(row));
    }
  }
  for (const ReleasedRows& input : inputs) all.rows += input.rows;
  std::size_t at = 0;
  for (const ReleasedRows& input : inputs) {
    for (std::size_t row = 0; row < input.rows; ++row, ++at) {
      if (input.IsUncertain(row)) all.MarkUncertain(at);
    }
    all.incomplete = all.incomplete || input.incomplete;
  }
  return all;
}

void HideRow(ReleasedRows& rows, std::size_t row) {
  for (ReleasedColumn& column : rows.columns) {
    if (column.hidden.empty()) column.hidden.resize(rows.rows, 0);
    column.values[row] = Null{};
    column.hidden[row] = 1;
  }
  rows.MarkUncertain(row);
}

}  // namespace

absl::StatusOr<ReleasedRows> FinishSetOperation(const planner::SetOperationNode& operation,
                                                const std::vector<ReleasedRows>& inputs) {
  ReleasedRows all = Concatenated(operation, inputs);
  const bool is_union = operation.kind == sql::SetOperationKind::kUnion;
  if (is_union && operation.all) return all;
  if (is_union)
    return FinishOperator(planner::LogicalNode{planner::DistinctNode{}}, [&] {
      std::vector<ReleasedRows> one;
      one.push_back(std::move(all));
      return one;
    }());
  if (inputs.size() != 2) return absl::InternalError("INTERSECT and EXCEPT have two inputs");
  struct Counts {
    std::uint64_t earlier = 0;
    std::uint64_t elsewhere = 0;
    bool undecided = false;  // an equal row is uncertain
  };
  absl::flat_hash_map<std::string, Counts> counts;
  std::string key;
  const auto counts_of = [&](std::size_t row) -> Counts& {
    key.clear();
    for (const ReleasedColumn& column : all.columns) AppendValueKey(column.values[row], key);
    return counts[key];
  };
  const std::size_t first_rows = inputs[0].rows;
  bool hidden_elsewhere = false;
  for (std::size_t row = 0; row < all.rows; ++row) {
    const bool hidden = AnyHidden(all, row);
    if (row >= first_rows) hidden_elsewhere = hidden_elsewhere || hidden;
    if (hidden) continue;
    Counts& of_row = counts_of(row);
    if (row >= first_rows) ++of_row.elsewhere;
    if (all.IsUncertain(row)) of_row.undecided = true;
  }
  std::vector<RowIndex> kept;
  std::vector<std::size_t> hide;
  for (std::size_t row = 0; row < first_rows; ++row) {
    if (AnyHidden(all, row)) {
      // It may equal any row of the other input, or none.
      if (operation.kind == sql::SetOperationKind::kIntersect && inputs[1].rows == 0) continue;
      hide.push_back(kept.size());
      kept.push_back(static_cast<RowIndex>(row));
      continue;
    }
    Counts& of_row = counts_of(row);
    const bool keeps = KeepsRow(operation, of_row.earlier++, of_row.elsewhere);
    const bool undecided = of_row.undecided || hidden_elsewhere;
    // A hidden row of the other input can only add to INTERSECT and take away from EXCEPT.
    const bool could_change = operation.kind == sql::SetOperationKind::kIntersect ? !keeps : keeps;
    if (of_row.undecided || (undecided && could_change)) {
      if (!operation.all && of_row.earlier > 1) continue;  // one row stands for all that are equal
      hide.push_back(kept.size());
    } else if (!keeps) {
      continue;
    }
    kept.push_back(static_cast<RowIndex>(row));
  }
  ReleasedRows result = GatherReleased(all, kept);
  for (const std::size_t row : hide) HideRow(result, row);
  // A group that is missing may take any row away.
  const bool is_except = operation.kind == sql::SetOperationKind::kExcept;
  for (std::size_t row = 0; is_except && inputs[1].incomplete && row < result.rows; ++row) result.MarkUncertain(row);
  return result;
}

}  // namespace care::engine
