// engine/exec/released_rows.h
//
// What one Release let out, at the recipient, and everything that is computed above it: rows column by column, with what the
// gate hid. A value that needs a hidden one is NULL and marked, whatever else it is made of. Whether a row stands at all may
// be hidden too: the cell of a public domain may hold few persons or nobody, and a condition over a hidden value may be true
// or not. Such a row is uncertain, and what counts or adds up rows across it is hidden.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "engine/types/value.h"
#include "planner/logical/logical_plan.h"

namespace care::engine {

using RowIndex = std::uint32_t;
inline constexpr RowIndex kNoRowIndex = ~RowIndex{0};  // gathers as NULL

struct ReleasedColumn {
  planner::ColumnId column = 0;
  std::vector<Value> values;
  std::vector<std::uint8_t> hidden;  // by row; empty if nothing is. The value of a hidden cell is NULL

  bool IsHidden(std::size_t row) const { return !hidden.empty() && hidden[row] != 0; }
  // Appends; `hide` makes it a hidden NULL.
  void Append(Value value, bool hide = false);
};

struct ReleasedRows {
  std::vector<ReleasedColumn> columns;
  std::vector<std::uint8_t> uncertain;  // by row; empty if none is
  std::size_t rows = 0;
  // Groups of too few persons are not among the rows at all, and nobody can tell how many there are (a release whose groups
  // have no public domain).
  bool incomplete = false;

  bool IsUncertain(std::size_t row) const { return !uncertain.empty() && uncertain[row] != 0; }
  void MarkUncertain(std::size_t row);
  // CHECKs that it is there.
  const ReleasedColumn& Find(planner::ColumnId column) const;
  ReleasedColumn& AddColumn(planner::ColumnId column);
};

ReleasedColumn GatherReleased(const ReleasedColumn& column, const std::vector<RowIndex>& rows);
ReleasedRows GatherReleased(const ReleasedRows& rows, const std::vector<RowIndex>& order);

// Appends a value so that two keys are equal exactly if the values are: NULL equals NULL, 1.0 equals 1.00.
void AppendValueKey(const Value& value, std::string& key);

}  // namespace care::engine
