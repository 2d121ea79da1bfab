#include "engine/exec/local/sorted_rows.h"

#include <algorithm>
#include <numeric>

namespace care::engine {

std::optional<std::vector<RowNumber>> SortedRows(std::span<const Column* const> columns, std::size_t rows) {
  const auto before = [&](RowNumber a, RowNumber b) {
    for (const Column* column : columns) {
      const bool a_is_null = column->IsNull(a), b_is_null = column->IsNull(b);
      if (a_is_null != b_is_null) return a_is_null;
      if (a_is_null) continue;
      if (const int order = CompareCells(*column, a, b); order != 0) return order < 0;
    }
    return false;
  };
  std::vector<RowNumber> order(rows);
  std::iota(order.begin(), order.end(), 0);
  if (std::ranges::is_sorted(order, before)) return std::nullopt;
  std::ranges::stable_sort(order, before);
  return order;
}

}  // namespace care::engine
