#include "engine/exec/local/local_order.h"

#include <utility>

#include "engine/exec/local/expression_evaluator.h"
#include "engine/types/status_macros.h"

namespace care::engine {

absl::StatusOr<RowOrder> RowOrder::Of(const std::vector<planner::SortKey>& keys, const ColumnBatch& rows) {
  std::vector<Column> columns;
  for (const planner::SortKey& key : keys) {
    CARE_ASSIGN_OR_RETURN(Column column, EvaluateExpression(key.expression, rows));
    columns.push_back(std::move(column));
  }
  return RowOrder(keys, std::move(columns));
}

int RowOrder::Compare(RowNumber a, RowNumber b) const {
  for (std::size_t i = 0; i < columns_.size(); ++i) {
    const planner::SortKey& key = (*keys_)[i];
    const bool a_null = columns_[i].IsNull(a);
    const bool b_null = columns_[i].IsNull(b);
    if (a_null != b_null) return a_null == key.nulls_first ? -1 : 1;
    if (a_null) continue;
    const int order = CompareCells(columns_[i], a, b);
    if (order != 0) return key.descending ? -order : order;
  }
  return 0;
}

}  // namespace care::engine
