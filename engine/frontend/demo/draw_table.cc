#include <algorithm>

#include "absl/strings/str_cat.h"
#include "engine/frontend/demo/asking.h"

namespace care::engine {
namespace {

constexpr char kSuppressed[] = "(suppressed)";
constexpr char kNull[] = "NULL";

std::string Padded(const std::string& text, std::size_t width, bool to_the_right) {
  const std::string space(width - std::min(width, text.size()), ' ');
  return to_the_right ? space + text : text + space;
}

}  // namespace

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

std::string DrawTable(const Answer& answer) {
  const auto shown = [&](std::size_t row, std::size_t column) -> std::string {
    if (answer.suppressed[row][column]) return kSuppressed;
    return answer.rows[row][column].value_or(kNull);
  };
  std::vector<std::size_t> widths;
  for (std::size_t column = 0; column < answer.columns.size(); ++column) {
    std::size_t width = answer.columns[column].name.size();
    for (std::size_t row = 0; row < answer.rows.size(); ++row)
      width = std::max(width, shown(row, column).size());
    widths.push_back(width);
  }
  std::string text, rule;
  for (std::size_t column = 0; column < widths.size(); ++column) {
    const char* gap = column == 0 ? "  " : " | ";
    absl::StrAppend(&text, gap,
                    Padded(answer.columns[column].name, widths[column], answer.columns[column].is_number));
    absl::StrAppend(&rule, column == 0 ? "  " : "-+-", std::string(widths[column], '-'));
  }
  absl::StrAppend(&text, "\n", rule, "\n");
  for (std::size_t row = 0; row < answer.rows.size(); ++row) {
    for (std::size_t column = 0; column < widths.size(); ++column) {
      absl::StrAppend(&text, column == 0 ? "  " : " | ",
                      Padded(shown(row, column), widths[column], answer.columns[column].is_number));
    }
    text += "\n";
  }
  return text;
}

}  // namespace care::engine
