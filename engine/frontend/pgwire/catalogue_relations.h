// engine/frontend/pgwire/catalogue_relations.h
//
// Which relations pg_catalog and information_schema have, and their columns. Those of information_schema are views
// in PostgreSQL; here all are tables that the federation's catalogue fills (catalogue_content.h).
#pragma once

#include <string>
#include <vector>

namespace care::engine::pgwire {

struct CatalogueRelation {
  struct Column {
    std::string name;
    std::string type;  // of pg_type: "oid", "name", "_text"
  };
  std::string schema;
  std::string name;
  std::vector<Column> columns;
};

std::vector<CatalogueRelation> CatalogueRelations();

}  // namespace care::engine::pgwire
