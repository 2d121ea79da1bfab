// engine/frontend/pgwire/catalogue_limits.h
//
// What a catalogue query may not compute: SQLite reads a date as a text, divides by zero to NULL, and has no numeric. The names,
// numbers and texts that clients select of a catalogue need none of it, so it is refused by name instead of answered wrongly.
#pragma once

#include <vector>

#include "absl/status/status.h"
#include "engine/frontend/pgwire/sql_tokens.h"

namespace care::engine::pgwire {

// `reads_relation`: of the catalogue. A query that reads none may say constants and what functions of the session return; what
// else it computes has nothing to do with the catalogue.
absl::Status CheckCatalogueLimits(const std::vector<Token>& tokens, bool reads_relation);

}  // namespace care::engine::pgwire
