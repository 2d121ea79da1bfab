// engine/frontend/pgwire/catalogue_content.h
//
// Fills pg_catalog and information_schema from a federation file: a schema for each owner, with its tables, their
// columns, keys and bounds; the views in schema `public`.
#pragma once

#include "absl/status/status.h"
#include "planner/catalog/catalog.h"

struct sqlite3;

namespace care::engine::pgwire {

absl::Status FillCatalogue(sqlite3* database, const planner::Catalog& catalog);

}  // namespace care::engine::pgwire
