#include <algorithm>

#include "engine/frontend/demo/asking.h"

namespace care::engine {

TextTable ToTextTable(const Answer& answer) {
  TextTable table;
  for (const AnswerColumn& column : answer.columns) table.columns.push_back({column.name, column.type});
  table.rows = answer.rows;
  return table;
}

std::uint64_t SuppressedCells(const Answer& answer) {
  std::uint64_t cells = 0;
  for (const std::vector<bool>& row : answer.suppressed) {
    cells += static_cast<std::uint64_t>(std::count(row.begin(), row.end(), true));
  }
  return cells;
}

}  // namespace care::engine
