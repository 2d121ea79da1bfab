// engine/frontend/pgwire/catalogue_rewriter.h
//
// A catalogue query in PostgreSQL's dialect as SQLite reads it. Works on tokens, never on text: what is quoted stays
// what it is. Each rule is for something that clients send (docs/sql-clients.md); what no rule knows goes through
// as it is, and SQLite says whether it understands it.
//
//   x::type                    CAST, or the name or number that a reg* type stands for
//   a ~ b, OPERATOR(pg_catalog.~)   REGEXP
//   pg_catalog.f(...)          f(...)
//   COLLATE x                  nothing: there is one collation
//   E'...'                     '...'
//   a[i], ARRAY[...], ARRAY(SELECT ...), x = ANY(y)    functions over arrays as text, {a,b}
//   generate_series(...) s, unnest(...) s              json_each; in a select list a value for each step of one
//   (row).x                    a field of the text that a row is
//   DISTINCT ON (a, b), without an order               GROUP BY
//   (...) s(a, b)              a common table with these columns
//   boolean_column = 't'       = 1
//   current_user, current_schema, ...                  calls
//   ORDER BY x                 NULLs last, or first with DESC
#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "engine/frontend/pgwire/sql_tokens.h"

namespace care::engine::pgwire {

absl::StatusOr<std::string> RewriteForCatalogue(const std::vector<Token>& tokens);

}  // namespace care::engine::pgwire
