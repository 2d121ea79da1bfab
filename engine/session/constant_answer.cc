#include "engine/session/constant_answer.h"

#include <utility>

#include "engine/exec/local/scalar.h"
#include "engine/types/status_macros.h"
#include "grammar/query_error.h"

namespace care::engine {
namespace {

absl::StatusOr<Value> NoColumn(planner::ColumnId) { return absl::InternalError("a constant reads a column"); }

}  // namespace

absl::StatusOr<std::optional<Answer>> AnswerConstants(const sql::Statement& statement, std::string_view sql,
                                                      const planner::Catalog& catalog, const planner::BindContext& context) {
  const auto* select = std::get_if<sql::SelectStatement>(&statement);
  if (select == nullptr) return std::nullopt;
  ReleasedTable table;
  CARE_ASSIGN_OR_RETURN(std::optional<std::vector<planner::OutputColumn>> columns,
                        planner::BindEmptyAnswer(*select, sql, catalog, context));
  if (columns.has_value()) {
    table.columns = *std::move(columns);
    return MakeAnswer(table);
  }
  CARE_ASSIGN_OR_RETURN(const std::optional<planner::ConstantRow> row,
                        planner::BindConstantRow(*select, sql, catalog, context));
  if (!row.has_value()) return std::nullopt;
  const auto value_of = [&](const planner::ExpressionPtr& expression) -> absl::StatusOr<Value> {
    absl::StatusOr<Value> value = EvaluateScalar(expression, NoColumn);
    if (value.ok() || value.status().code() == absl::StatusCode::kInternal ||
        sql::QueryErrorPartsOf(value.status()).has_value()) {
      return value;
    }
    return sql::QueryError(sql, expression->position, std::string(value.status().message()));
  };
  bool is_listed = row->is_listed;
  if (row->condition != nullptr) {
    CARE_ASSIGN_OR_RETURN(const Value truth, value_of(row->condition));
    is_listed = is_listed && truth == Value(true);
  }
  std::vector<Value> cells;
  for (const planner::ConstantRow::Item& item : row->items) {
    table.columns.push_back({{}, item.name, item.value->type});
    if (!is_listed) continue;
    CARE_ASSIGN_OR_RETURN(cells.emplace_back(), value_of(item.value));
  }
  if (is_listed) table.rows.push_back(std::move(cells));
  return MakeAnswer(table);
}

}  // namespace care::engine
