// engine/exec/local/row_operations.h
//
// What operators do with rows whatever their columns' types: pick them, tell them apart, put them in order.
#pragma once

#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include "engine/types/column_batch.h"

namespace care::engine {

using RowNumber = std::uint32_t;
inline constexpr RowNumber kNoRow = std::numeric_limits<RowNumber>::max();  // gathers as NULL

Column GatherColumn(const Column& column, const std::vector<RowNumber>& rows);
ColumnBatch GatherRows(const ColumnBatch& batch, const std::vector<RowNumber>& rows);
std::vector<RowNumber> RowsWhere(const std::vector<std::uint8_t>& keep);

// Appends a row's cells to `key` so that two keys are equal exactly if the cells are (NULL equals NULL).
void AppendKey(const Column& column, std::size_t row, std::string& key);

// -1, 0 or 1 of two cells of one column, neither NULL; text by bytes.
int CompareCells(const Column& column, std::size_t a, std::size_t b);

}  // namespace care::engine
