#include "engine/exec/local/row_operations.h"

#include <algorithm>
#include <bit>
#include <string_view>

namespace care::engine {

Column GatherColumn(const Column& column, const std::vector<RowNumber>& rows) {
  Column result;
  result.name = column.name;
  result.type = column.type;
  const bool text = column.type.kind == TypeKind::kText;
  if (text) {
    result.texts.Reserve(rows.size(), 0);
    for (RowNumber row : rows) result.texts.Append(row == kNoRow ? std::string_view() : column.texts[row]);
  } else {
    result.integers.reserve(rows.size());
    for (RowNumber row : rows) result.integers.push_back(row == kNoRow ? 0 : column.integers[row]);
  }
  const bool missing = std::find(rows.begin(), rows.end(), kNoRow) != rows.end();
  if (missing || !column.nulls.empty()) {
    result.nulls.reserve(rows.size());
    for (RowNumber row : rows) result.nulls.push_back(row == kNoRow || column.IsNull(row) ? 1 : 0);
  }
  return result;
}

ColumnBatch GatherRows(const ColumnBatch& batch, const std::vector<RowNumber>& rows) {
  ColumnBatch result;
  result.rows = rows.size();
  for (const Column& column : batch.columns) result.columns.push_back(GatherColumn(column, rows));
  return result;
}

std::vector<RowNumber> RowsWhere(const std::vector<std::uint8_t>& keep) {
  std::vector<RowNumber> rows;
  for (std::size_t row = 0; row < keep.size(); ++row) {
    if (keep[row] != 0) rows.push_back(static_cast<RowNumber>(row));
  }
  return rows;
}

void AppendKey(const Column& column, std::size_t row, std::string& key) {
  if (column.IsNull(row)) {
    key.push_back('\0');
    return;
  }
  key.push_back('\1');
  const auto append_integer = [&](std::uint64_t value) {
    key.append(reinterpret_cast<const char*>(&value), sizeof value);
  };
  if (column.type.kind == TypeKind::kText) {
    append_integer(column.texts[row].size());
    key.append(column.texts[row]);
  } else {
    append_integer(static_cast<std::uint64_t>(column.integers[row]));
  }
}

int CompareCells(const Column& column, std::size_t a, std::size_t b) {
  if (column.type.kind == TypeKind::kText) return std::clamp(column.texts[a].compare(column.texts[b]), -1, 1);
  if (column.type.kind == TypeKind::kDouble) {
    const auto left = std::bit_cast<double>(column.integers[a]);
    const auto right = std::bit_cast<double>(column.integers[b]);
    return left < right ? -1 : (right < left ? 1 : 0);
  }
  if (column.type.kind == TypeKind::kReal) {
    const auto left = std::bit_cast<float>(static_cast<std::int32_t>(column.integers[a]));
    const auto right = std::bit_cast<float>(static_cast<std::int32_t>(column.integers[b]));
    return left < right ? -1 : (right < left ? 1 : 0);
  }
  const std::int64_t left = column.integers[a];
  const std::int64_t right = column.integers[b];
  return left < right ? -1 : (right < left ? 1 : 0);
}

}  // namespace care::engine
