// engine/exec/local/local_order.h
//
// Rows in the order of sort keys, as ORDER BY and windows need it: NULLs where the key says, text by bytes, ties in the order
// that the rows came in.
#pragma once

#include <vector>

#include "absl/status/statusor.h"
#include "engine/exec/local/row_operations.h"
#include "planner/logical/logical_plan.h"

namespace care::engine {

class RowOrder {
 public:
  // Evaluates the keys. `keys` must outlive the order.
  static absl::StatusOr<RowOrder> Of(const std::vector<planner::SortKey>& keys, const ColumnBatch& rows);

  // -1, 0 or 1.
  int Compare(RowNumber a, RowNumber b) const;

 private:
  RowOrder(const std::vector<planner::SortKey>& keys, std::vector<Column> columns)
      : keys_(&keys), columns_(std::move(columns)) {}

  const std::vector<planner::SortKey>* keys_;
  std::vector<Column> columns_;
};

}  // namespace care::engine
