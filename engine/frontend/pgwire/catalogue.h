// engine/frontend/pgwire/catalogue.h
//
// pg_catalog and information_schema of a federation: what clients ask to list schemas, tables and columns. It is a
// database of SQLite in memory, filled once from the federation file, that all sessions share; PostgreSQL's dialect
// is rewritten (catalogue_rewriter.h) and its functions are registered (catalogue_functions.h).
//
// It holds what every party and its analysts know anyway, and no cell of anybody's tables. Clients only read it:
// an authorizer refuses everything else, and a statement ends after so many steps, rows and bytes.
#pragma once

#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "engine/frontend/pgwire/services.h"
#include "planner/catalog/catalog.h"

struct sqlite3;

namespace care::engine::pgwire {

class Catalogue {
 public:
  static absl::StatusOr<std::unique_ptr<Catalogue>> Make(const planner::Catalog& catalog);
  ~Catalogue();
  Catalogue(const Catalogue&) = delete;
  Catalogue& operator=(const Catalogue&) = delete;

  bool HasRelation(std::string_view name) const { return relations_.contains(std::string(name)); }
  absl::StatusOr<ResultSet> Ask(const CatalogueQuestion& question);

 private:
  Catalogue() = default;

  std::mutex mutex_;
  sqlite3* database_ = nullptr;
  std::set<std::string> relations_;
  const CatalogueQuestion* question_ = nullptr;  // whose functions run; mutex_
};

// The statement with ? in the place of strings and numbers: what may be logged of it.
std::string WithoutLiterals(std::string_view sql, const std::vector<Token>& tokens);

}  // namespace care::engine::pgwire
