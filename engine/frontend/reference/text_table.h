// engine/frontend/reference/text_table.h
//
// A result as text, cell by cell, with PostgreSQL's type names: the form in which an answer of ours and one
// of PostgreSQL are compared. Equality is exact: 1.0 is not 1.00, NULL is not the empty string, row order
// counts.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace care::engine {

struct TextColumn {
  std::string name;
  std::string type;  // "numeric", "bigint", "text", ...
  friend bool operator==(const TextColumn&, const TextColumn&) = default;
};

using TextCell = std::optional<std::string>;  // nothing: NULL

struct TextTable {
  std::vector<TextColumn> columns;
  std::vector<std::vector<TextCell>> rows;
};

struct TableComparison {
  std::uint64_t cells = 0;               // compared, equal or not
  std::uint64_t skipped = 0;             // suppressed cells
  std::vector<std::string> differences;  // one sentence each
};

// Cells are equal as texts; double precision to 1e-12 of the larger. `suppressed` (by row and column; may be empty) marks cells of `actual` that are not compared.
TableComparison CompareTables(const TextTable& expected, const TextTable& actual,
                              const std::vector<std::vector<bool>>& suppressed = {});

// PostgreSQL's CSV: an unquoted empty field is NULL.
std::vector<std::vector<TextCell>> ParseCsv(const std::string& text);

}  // namespace care::engine
