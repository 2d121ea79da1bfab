// engine/frontend/pgwire/catalogue_functions.h
//
// PostgreSQL's functions that catalogue queries call, for SQLite. Most are a look-up and are written as SQL;
// those of the session (current_user, current_setting) ask the question that is being answered.
#pragma once

#include <string>

#include "absl/status/status.h"
#include "engine/frontend/pgwire/services.h"

struct sqlite3;

namespace care::engine::pgwire {

// `question` points to the question that is answered whenever a function runs.
absl::Status RegisterCatalogueFunctions(sqlite3* database, const CatalogueQuestion** question,
                                        const std::string& federation);

// Arrays as text ({a,b}), regular expressions, LIKE as PostgreSQL has it, texts.
absl::Status RegisterArrayFunctions(sqlite3* database);
absl::Status RegisterTextFunctions(sqlite3* database);

}  // namespace care::engine::pgwire
