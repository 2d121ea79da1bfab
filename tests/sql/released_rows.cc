#include "tests/sql/released_rows.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "absl/strings/str_join.h"
#include "engine/frontend/suite/expected_cells.h"

namespace care::engine {

std::size_t ExpectReleasedRowsOf(const Answer& answer, const SuiteRecord& record) {
  Cells left = CellsOf(answer);
  Cells rows = ExpectedRows(record).value();
  std::size_t hidden_cells = 0;
  // Rows that show more choose first.
  const auto hidden_in = [](const auto& row) { return std::count(row.begin(), row.end(), "(suppressed)"); };
  std::stable_sort(rows.begin(), rows.end(),
                   [&](const auto& a, const auto& b) { return hidden_in(a) < hidden_in(b); });
  for (const auto& row : rows) {
    const auto match = std::find_if(left.begin(), left.end(), [&](const auto& candidate) {
      for (std::size_t i = 0; i < row.size(); ++i) {
        if (row[i] != "(suppressed)" && row[i] != candidate[i]) return false;
      }
      return true;
    });
    if (match != left.end()) {
      left.erase(match);
    } else {
      EXPECT_GT(hidden_in(row), 0) << absl::StrJoin(row, " | ");
    }
    hidden_cells += static_cast<std::size_t>(hidden_in(row));
  }
  EXPECT_TRUE(left.empty()) << left.size() << " rows of PostgreSQL's are neither shown nor hidden";
  return hidden_cells;
}

}  // namespace care::engine
