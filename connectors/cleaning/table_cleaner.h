// connectors/cleaning/table_cleaner.h
//
// From an owner's rows as they are to the table that the federation agreed on. A connector hands in raw rows, in
// storage order, and gets one ColumnBatch. In this order:
//
//   1. reversals go, and rows that they take back (reversals.h)
//   2. every cell is brought to its declared type: trimmed, composed (NFC), instants to dates in the federation's
//      time zone, keys to their format (cell_reader.h)
//   3. merged persons' keys become the key that they were merged into (merged_keys.h)
//   4. a cell that breaks a rule ends the query, counts as NULL or takes its row along, as the node file says
//   5. rows that share a unique key end the query, or one or none of them stays (unique_rows.h)
//
// The cleaned table is one relation, whatever a query reads of it: columns whose rule can drop a row, and unique
// keys whose duplicates can, are read always. Rules that end the query apply to the columns that are read. Rows that
// went in step 1 break no rule, and a row that went in step 4 does not end the query as well.
//
// Row bound, declared keys and rows a person are judged over what is left. Errors name table, column and rule, never
// a value. Counts of what was changed or dropped stay in the owner's own report.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "connectors/cleaning/cleaning_report.h"
#include "connectors/cleaning/raw_cell.h"
#include "engine/types/column_batch.h"
#include "planner/catalog/catalog.h"
#include "planner/catalog/node_config.h"

namespace care::connectors {

// True if a fragment cannot be computed in the database but must be computed over the cleaned rows.
bool NeedsCleaning(const planner::Catalog& catalog, const planner::CatalogTable& table,
                   const planner::TableMapping& mapping);

class TableCleaner {
 public:
  // `read`: positions in the table of the columns wanted, in the order of the result. All references must
  // outlive the cleaner.
  TableCleaner(const planner::Catalog& catalog, const planner::CatalogTable& table,
               const planner::TableMapping& mapping, std::vector<int> read);
  TableCleaner(TableCleaner&&) noexcept;
  ~TableCleaner();

  // The owner's columns that each row must bring, in this order: those read, and those that rules need.
  const std::vector<std::string>& needed() const;
  // The name in the federation of the i-th of `needed`; null of a column that only an order or a reversal needs.
  const std::string* DeclaredName(std::size_t i) const;
  // The mapping's table of merged numbers if the result depends on it, else null. Then its rows come first.
  const planner::MergeMapping* merged() const;

  // One row of the table of merged numbers.
  absl::Status AddMerge(const RawCell& from, const RawCell& to);
  // ResourceExhausted where there are far more rows than the row bound.
  absl::Status AddRow(std::span<const RawCell> cells);
  // Once. One column for each of `read`, without names.
  absl::StatusOr<ColumnBatch> Finish();

  // Whole after Finish, also if that failed.
  const CleaningReport& report() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace care::connectors
