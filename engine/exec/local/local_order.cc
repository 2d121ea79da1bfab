#include "engine/exec/local/local_order.h"

#include <algorithm>
#include <utility>

#include "connectors/connector.h"
#include "engine/exec/local/expression_evaluator.h"
#include "engine/exec/local/scalar.h"
#include "engine/types/check.h"
#include "engine/types/status_macros.h"
#include "planner/logical/type_rules.h"

namespace care::engine {

namespace {

// A quotient's digits fit no column, so its rank stands for it.
absl::StatusOr<Column> RanksOf(const planner::ExpressionPtr& expression, const ColumnBatch& rows) {
  std::vector<Value> values(rows.rows);
  for (std::size_t row = 0; row < rows.rows; ++row) {
    CARE_ASSIGN_OR_RETURN(values[row], EvaluateScalar(expression, [&](planner::ColumnId id) -> absl::StatusOr<Value> {
                            const int position = rows.FindColumn(connectors::ColumnName(id));
                            CARE_CHECK(position >= 0);
                            return rows.columns[static_cast<std::size_t>(position)].At(row);
                          }));
  }
  std::vector<std::size_t> order;
  for (std::size_t row = 0; row < rows.rows; ++row) {
    if (!IsNull(values[row])) order.push_back(row);
  }
  std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return CompareValues(values[a], values[b]) < 0; });
  std::vector<Value> ranks(rows.rows);
  std::int64_t rank = 0;
  for (std::size_t i = 0; i < order.size(); ++i) {
    if (i > 0 && CompareValues(values[order[i - 1]], values[order[i]]) != 0) ++rank;
    ranks[order[i]] = rank;
  }
  Column column;
  column.type = kBigIntType;
  for (const Value& value : ranks) column.Append(value);
  return column;
}

}  // namespace

absl::StatusOr<RowOrder> RowOrder::Of(const std::vector<planner::SortKey>& keys, const ColumnBatch& rows) {
  std::vector<Column> columns;
  for (const planner::SortKey& key : keys) {
    CARE_ASSIGN_OR_RETURN(Column column, planner::HasOpenScale(key.expression) ? RanksOf(key.expression, rows)
                                                                                  : EvaluateExpression(key.expression, rows));
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
