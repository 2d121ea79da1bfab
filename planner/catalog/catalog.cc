#include "planner/catalog/catalog.h"

namespace care::planner {

int CatalogTable::FindColumn(std::string_view column) const {
  for (std::size_t i = 0; i < columns.size(); ++i) {
    if (columns[i].name == column) return static_cast<int>(i);
  }
  return -1;
}

const CatalogTable* Catalog::FindTable(std::string_view schema, std::string_view name) const {
  for (const CatalogTable& table : tables) {
    if (table.schema == schema && table.name == name) return &table;
  }
  return nullptr;
}

const CatalogView* Catalog::FindView(std::string_view name) const {
  for (const CatalogView& view : views) {
    if (view.name == name) return &view;
  }
  return nullptr;
}

KeyFormat Catalog::FormatOfKey(std::string_view key_domain) const {
  for (const CatalogKey& key : keys) {
    if (key.name == key_domain) return key.format;
  }
  return KeyFormat::kPlain;
}

PartyId Catalog::FindParty(std::string_view name) const {
  for (std::size_t i = 0; i < parties.size(); ++i) {
    if (parties[i].name == name) return static_cast<PartyId>(i);
  }
  return kNoParty;
}

}  // namespace care::planner
