// engine/exec/local/sorted_rows.h
//
// An owner's rows in an order of its own, so that rows that agree on some columns stand one behind the other. Which order that is
// says nothing; databases often yield it as it is.
#pragma once

#include <optional>
#include <span>
#include <vector>

#include "engine/exec/local/row_operations.h"

namespace care::engine {

// The rows by these columns, ascending, NULLs first, ties as they stood; nothing if they stand like that already.
std::optional<std::vector<RowNumber>> SortedRows(std::span<const Column* const> columns, std::size_t rows);

}  // namespace care::engine
