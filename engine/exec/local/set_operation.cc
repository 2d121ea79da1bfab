#include "engine/exec/local/set_operation.h"

#include <string>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "connectors/connector.h"
#include "engine/exec/local/row_operations.h"
#include "engine/exec/local/stored_value.h"
#include "engine/types/check.h"
#include "engine/types/status_macros.h"

namespace care::engine {
namespace {

bool SameStorage(const DataType& a, const DataType& b) {
  const auto scale = [](const DataType& type) { return type.kind == TypeKind::kNumeric ? type.scale : 0; };
  if (a.IsExactNumber() && b.IsExactNumber()) return scale(a) == scale(b);
  return a.kind == b.kind;
}

// All inputs' rows, one input after the other, in the types of the operation's columns.
absl::StatusOr<ColumnBatch> Concatenated(const planner::SetOperationNode& operation,
                                         const std::vector<ColumnBatch>& inputs,
                                         const std::vector<planner::ColumnInfo>& columns) {
  ColumnBatch result;
  for (std::size_t i = 0; i < operation.columns.size(); ++i) {
    Column column;
    column.name = connectors::ColumnName(operation.columns[i]);
    column.type = columns[operation.columns[i]].type;
    for (std::size_t input = 0; input < inputs.size(); ++input) {
      const int position =
          inputs[input].FindColumn(connectors::ColumnName(operation.input_columns[input][i]));
      CARE_CHECK(position >= 0);
      const Column& from = inputs[input].columns[static_cast<std::size_t>(position)];
      if (SameStorage(from.type, column.type) && column.type.kind != TypeKind::kText) {
        if (!from.nulls.empty() && column.nulls.empty()) column.nulls.resize(column.integers.size(), 0);
        column.integers.insert(column.integers.end(), from.integers.begin(), from.integers.end());
        if (!column.nulls.empty() || !from.nulls.empty()) {
          for (std::size_t row = 0; row < inputs[input].rows; ++row)
            column.nulls.push_back(from.IsNull(row) ? 1 : 0);
        }
        continue;
      }
      for (std::size_t row = 0; row < inputs[input].rows; ++row) {
        CARE_RETURN_IF_ERROR(AppendStored(from.At(row), column));
      }
    }
    result.columns.push_back(std::move(column));
  }
  for (const ColumnBatch& input : inputs) result.rows += input.rows;
  if (result.rows >= kNoRow)
    return absl::ResourceExhaustedError("a set operation of a local fragment has too many rows");
  return result;
}

}  // namespace

bool KeepsRow(const planner::SetOperationNode& operation, std::uint64_t earlier, std::uint64_t elsewhere) {
  switch (operation.kind) {
    case sql::SetOperationKind::kUnion:
      return operation.all || earlier == 0;
    case sql::SetOperationKind::kIntersect:
      return operation.all ? earlier < elsewhere : earlier == 0 && elsewhere > 0;
    case sql::SetOperationKind::kExcept:
      return operation.all ? earlier >= elsewhere : earlier == 0 && elsewhere == 0;
  }
  CARE_CHECK(false);
}

absl::StatusOr<ColumnBatch> EvaluateSetOperation(const planner::SetOperationNode& operation,
                                                 const std::vector<ColumnBatch>& inputs,
                                                 const std::vector<planner::ColumnInfo>& columns) {
  CARE_CHECK(!inputs.empty());
  CARE_ASSIGN_OR_RETURN(ColumnBatch all, Concatenated(operation, inputs, columns));
  const bool is_union = operation.kind == sql::SetOperationKind::kUnion;
  if (is_union && operation.all) return all;
  CARE_CHECK(is_union || inputs.size() == 2);
  const std::size_t first_rows = is_union ? all.rows : inputs[0].rows;
  struct Counts {
    std::uint64_t earlier = 0;
    std::uint64_t elsewhere = 0;
  };
  absl::flat_hash_map<std::string, Counts> counts;
  std::string key;
  const auto key_of = [&](std::size_t row) {
    key.clear();
    for (const Column& column : all.columns) AppendKey(column, row, key);
  };
  for (std::size_t row = first_rows; row < all.rows; ++row) {
    key_of(row);
    ++counts[key].elsewhere;
  }
  std::vector<RowNumber> kept;
  for (std::size_t row = 0; row < first_rows; ++row) {
    key_of(row);
    Counts& of_row = counts[key];
    if (KeepsRow(operation, of_row.earlier, of_row.elsewhere)) kept.push_back(static_cast<RowNumber>(row));
    ++of_row.earlier;
  }
  return GatherRows(all, kept);
}

absl::StatusOr<ColumnBatch> EvaluateValues(const planner::ValuesNode& values,
                                           const std::vector<planner::ColumnInfo>& columns) {
  ColumnBatch result;
  result.rows = values.rows.size();
  for (std::size_t i = 0; i < values.columns.size(); ++i) {
    Column column;
    column.name = connectors::ColumnName(values.columns[i]);
    column.type = columns[values.columns[i]].type;
    for (const std::vector<Value>& row : values.rows) CARE_RETURN_IF_ERROR(AppendStored(row[i], column));
    result.columns.push_back(std::move(column));
  }
  return result;
}

}  // namespace care::engine
