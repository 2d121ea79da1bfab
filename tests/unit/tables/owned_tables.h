// tests/unit/tables/owned_tables.h
//
// A table whose owner knows which of its rows stands in which slot, as operators that ask the owner want it.
#pragma once

#include "engine/exec/local/sorted_rows.h"
#include "tests/unit/tables/random_tables.h"

namespace care::engine {

// The first `rows` slots hold rows; afterwards some are dropped, as a filter would.
struct OwnedTable {
  TestTable table;
  ColumnBatch batch;
};
inline OwnedTable MakeOwned(std::mt19937_64& random, std::vector<TestColumn> columns, std::size_t slots,
                     std::size_t rows, bool drops) {
  OwnedTable owned{RandomTable(random, std::move(columns), slots, 4), {}};
  TestTable& table = owned.table;
  for (Column& cells : table.at_slots) {
    Column head;
    head.name = cells.name;
    head.type = cells.type;
    for (std::size_t i = 0; i < rows; ++i) head.Append(cells.At(i));
    owned.batch.columns.push_back(std::move(head));
  }
  owned.batch.rows = rows;
  for (std::size_t i = 0; i < slots; ++i) table.valid[i] = i < rows && (!drops || random() % 3 != 0);
  table.rows = {};
  for (const Column& cells : table.at_slots) {
    Column kept;
    kept.name = cells.name;
    kept.type = cells.type;
    for (std::size_t i = 0; i < slots; ++i) {
      if (table.valid[i]) kept.Append(cells.At(i));
    }
    table.rows.columns.push_back(std::move(kept));
  }
  table.rows.rows = static_cast<std::size_t>(std::count(table.valid.begin(), table.valid.end(), true));
  return owned;
}

// Its rows by the columns in these places.
inline void SortOwned(OwnedTable& owned, const std::vector<std::size_t>& by) {
  std::vector<const Column*> keys;
  for (const std::size_t column : by) keys.push_back(&owned.batch.columns[column]);
  const std::optional<std::vector<RowNumber>> order = SortedRows(keys, owned.batch.rows);
  if (!order) return;
  owned.batch = GatherRows(owned.batch, *order);
  std::vector<RowNumber> slots = *order;
  while (slots.size() < owned.table.slots()) slots.push_back(static_cast<RowNumber>(slots.size()));
  std::vector<bool> valid;
  std::vector<RowNumber> kept;
  for (std::size_t slot = 0; slot < slots.size(); ++slot) {
    valid.push_back(owned.table.valid[slots[slot]]);
    if (valid.back()) kept.push_back(static_cast<RowNumber>(slot));
  }
  owned.table.valid = valid;
  for (Column& column : owned.table.at_slots) column = GatherColumn(column, slots);
  for (std::size_t c = 0; c < owned.table.at_slots.size(); ++c) owned.table.rows.columns[c] = GatherColumn(owned.table.at_slots[c], kept);
}

inline planner::ShareTableNode ShareOf(const TestTable& table, planner::NodeId local) {
  planner::ShareTableNode share{.local = local};
  for (const TestColumn& column : table.columns)
    share.columns.push_back({column.id, column.forms != Forms::kRing, column.forms != Forms::kBits});
  return share;
}

}  // namespace care::engine
