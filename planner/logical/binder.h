// planner/logical/binder.h
//
// Gives meaning to a syntax tree: resolves names against the catalog, decides types as PostgreSQL does, makes
// coercions explicit, expands views and common tables, and checks what may be asked at all. A query that
// binds is well typed, raises no error that depends on a row below its Release, releases groups only, and
// uses each column as the federation file allows. Everything else is refused with its place in the text, the
// rule, and where there is one a rewrite that would pass. Binding is a pure function of its arguments.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "grammar/ast.h"
#include "planner/catalog/catalog.h"
#include "planner/logical/logical_plan.h"

namespace care::planner {

// What the text means beyond itself; part of the agreement between the parties, never a node's own clock.
struct BindContext {
  std::int32_t current_date_days = 0;  // CURRENT_DATE, as days since 1970-01-01
  std::int64_t time_of_day = 0;        // of NOW(), in microseconds
};

// Whether the text, or a view that it may read, names NOW() or what means the same; more than do name it may.
bool MayAskForNow(std::string_view sql, const Catalog& catalog);

// `sql` is the text that `statement` was parsed from; errors quote it.
absl::StatusOr<LogicalPlan> Bind(const sql::SelectStatement& statement, std::string_view sql,
                                 const Catalog& catalog, const BindContext& context);

// One row that no table has: SELECT 1 + 1 AS two, CURRENT_DATE.
struct ConstantRow {
  struct Item {
    std::string name;
    ExpressionPtr value;  // over no column
  };
  std::vector<Item> items;
  ExpressionPtr condition;  // of WHERE, or null
  bool is_listed = true;    // false: LIMIT or OFFSET leaves it out
};

// A SELECT without FROM whose items read nothing, which is a question to nobody; nothing of every other statement.
absl::StatusOr<std::optional<ConstantRow>> BindConstantRow(const sql::SelectStatement& statement, std::string_view sql,
                                                           const Catalog& catalog, const BindContext& context);

// The columns of a statement with LIMIT 0, whose answer is empty whatever the rows are and whoever owns them: clients ask it to
// learn names and types. Nothing of every other statement.
absl::StatusOr<std::optional<std::vector<OutputColumn>>> BindEmptyAnswer(const sql::SelectStatement& statement,
                                                                         std::string_view sql, const Catalog& catalog,
                                                                         const BindContext& context);

// The columns of a view of the federation file, whatever a query may then make of them: for catalogues.
absl::StatusOr<std::vector<OutputColumn>> DescribeView(const CatalogView& view, const Catalog& catalog);

}  // namespace care::planner
