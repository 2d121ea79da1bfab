// engine/session/constant_answer.h
//
// SELECT 1, SELECT CURRENT_DATE - 7: a question that reads no table. The node that is asked computes the row as an owner
// computes an expression over its rows; no other party is asked, nothing is disclosed and no ledger has an entry. Clients send
// such statements to see whether a connection lives. So they do SELECT * FROM t LIMIT 0, to learn the columns: its answer is
// empty whatever the rows are.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "engine/session/answer.h"
#include "grammar/ast.h"
#include "planner/catalog/catalog.h"
#include "planner/logical/binder.h"

namespace care::engine {

// Nothing of a statement whose answer depends on rows. Errors have the place in `sql`, as in a query over rows.
absl::StatusOr<std::optional<Answer>> AnswerConstants(const sql::Statement& statement, std::string_view sql,
                                                      const planner::Catalog& catalog, const planner::BindContext& context);

}  // namespace care::engine
