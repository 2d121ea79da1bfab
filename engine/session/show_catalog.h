// engine/session/show_catalog.h
//
// SHOW TABLES, SHOW COLUMNS FROM t and SHOW POLICY [FOR t]: what the federation file says, as rows. Every party knows it, so no
// other is asked, nothing runs and no ledger has an entry.
#pragma once

#include <string_view>

#include "absl/status/statusor.h"
#include "engine/session/answer.h"
#include "grammar/ast.h"
#include "planner/catalog/catalog.h"

namespace care::engine {

absl::StatusOr<Answer> ShowCatalog(const sql::Show& show, std::string_view sql, const planner::Catalog& catalog);

}  // namespace care::engine
