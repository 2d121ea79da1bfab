// connectors/cleaning/table_cleaner.h
//
// From an owner's rows as they are to the table that the federation agreed on. A connector hands in raw rows, in
// storage order, and gets one ColumnBatch. In this order:
//
//   1. rows that are reversed, and reversals, go
//   2. every cell is brought to its declared type: trimmed, composed (NFC), instants to dates in the federation's
//      time zone, keys to their format
//   3. merged persons' keys become the key that they were merged into
//   4. a cell that breaks a rule ends the query, counts as NULL or takes its row along, as the node file says
//   5. rows that share a unique key end the query, or one or none of them stays
//
// The cleaned table is one relation, whatever a query reads of it: columns whose rule can drop a row, and unique
// keys whose duplicates can, are read always. Rules that end the query apply to the columns that it reads.
//
// Errors name table, column and rule, never a value. Counts of what was changed or dropped stay in the owner's
// own report.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "connectors/cleaning/raw_cell.h"
#include "engine/types/column_batch.h"
#include "planner/catalog/catalog.h"
#include "planner/catalog/node_config.h"

namespace care::connectors {

// True if a fragment cannot be computed in the database but must be computed over the cleaned rows.
bool NeedsCleaning(const planner::Catalog& catalog, const planner::CatalogTable& table,
                   const planner::TableMapping& mapping);

struct CleaningReport {
  std::uint64_t rows_read = 0;
  std::uint64_t rows_reversed = 0;
  std::uint64_t rows_duplicate = 0;
  std::uint64_t keys_merged = 0;
  // By (column, rule): how many cells broke it.
  std::map<std::pair<std::string, std::string>, std::uint64_t> violations;
};

class TableCleaner {
 public:
  // `read`: positions in the table of the columns wanted, in the order of the result. All references must
  // outlive the cleaner.
  TableCleaner(const planner::Catalog& catalog, const planner::CatalogTable& table,
               const planner::TableMapping& mapping, std::vector<int> read);
  ~TableCleaner();

  // The owner's columns that each row must bring, in this order: those read, and those that rules need.
  const std::vector<std::string>& needed() const;

  // Before the rows, if the mapping has `merged`: one row of its table.
  absl::Status AddMerge(const RawCell& from, const RawCell& to);
  absl::Status AddRow(std::span<const RawCell> cells);
  // One column for each of `read`, without names.
  absl::StatusOr<ColumnBatch> Finish();

  const CleaningReport& report() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace care::connectors
