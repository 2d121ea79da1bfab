#include "engine/frontend/reference/text_table.h"

#include <algorithm>
#include <cmath>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"

namespace care::engine {
namespace {

std::string Shown(const TextCell& cell) { return cell.has_value() ? absl::StrCat("'", *cell, "'") : "NULL"; }

// The reference accumulates covariances in doubles, whose last digits differ from the exact value's (docs/sql.md).
bool NearlyEqual(const std::string& type, const TextCell& a, const TextCell& b) {
  constexpr double kRelative = 1e-12;
  double x = 0;
  double y = 0;
  if (type != "double precision" || !a || !b || !absl::SimpleAtod(*a, &x) || !absl::SimpleAtod(*b, &y)) return false;
  return std::fabs(x - y) <= kRelative * std::max(std::fabs(x), std::fabs(y));
}

}  // namespace

TableComparison CompareTables(const TextTable& expected, const TextTable& actual,
                              const std::vector<std::vector<bool>>& suppressed) {
  TableComparison result;
  if (expected.columns.size() != actual.columns.size()) {
    result.differences.push_back(
        absl::StrCat("expected ", expected.columns.size(), " columns, got ", actual.columns.size()));
    return result;
  }
  for (std::size_t column = 0; column < expected.columns.size(); ++column) {
    const TextColumn& want = expected.columns[column];
    const TextColumn& have = actual.columns[column];
    if (want != have) {
      result.differences.push_back(absl::StrCat("column ", column + 1, ": expected ", want.name, " ",
                                                want.type, ", got ", have.name, " ", have.type));
    }
  }
  if (expected.rows.size() != actual.rows.size()) {
    result.differences.push_back(
        absl::StrCat("expected ", expected.rows.size(), " rows, got ", actual.rows.size()));
  }
  for (std::size_t row = 0; row < std::min(expected.rows.size(), actual.rows.size()); ++row) {
    for (std::size_t column = 0; column < expected.columns.size(); ++column) {
      if (!suppressed.empty() && suppressed[row][column]) {
        ++result.skipped;
        continue;
      }
      ++result.cells;
      const TextCell& want = expected.rows[row][column];
      const TextCell& have = actual.rows[row][column];
      if (want == have || NearlyEqual(expected.columns[column].type, want, have)) continue;
      result.differences.push_back(absl::StrCat("row ", row + 1, ", ", expected.columns[column].name,
                                                ": expected ", Shown(want), ", got ", Shown(have)));
    }
  }
  return result;
}

std::vector<std::vector<TextCell>> ParseCsv(const std::string& text) {
  std::vector<std::vector<TextCell>> rows;
  std::vector<TextCell> row;
  std::string field;
  bool quoted = false, was_quoted = false;
  const auto end_field = [&] {
    row.push_back(field.empty() && !was_quoted ? TextCell() : TextCell(field));
    field.clear();
    was_quoted = false;
  };
  for (std::size_t at = 0; at < text.size(); ++at) {
    const char c = text[at];
    if (quoted) {
      if (c != '"') {
        field += c;
      } else if (at + 1 < text.size() && text[at + 1] == '"') {
        field += text[++at];
      } else {
        quoted = false;
      }
    } else if (c == '"') {
      quoted = was_quoted = true;
    } else if (c == ',') {
      end_field();
    } else if (c == '\n') {
      end_field();
      rows.push_back(std::move(row));
      row.clear();
    } else {
      field += c;
    }
  }
  return rows;
}

}  // namespace care::engine
