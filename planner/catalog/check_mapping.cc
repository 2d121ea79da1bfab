#include "planner/catalog/check_mapping.h"

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "engine/types/status_macros.h"
#include "grammar/query_error.h"

namespace care::planner {
namespace {

absl::Status WrongSection(const std::string& section, const std::string& message) {
  return absl::InvalidArgumentError(absl::StrCat("the node file, [", section, "]: ", message));
}

std::string DidYouMean(const std::string& name, const std::vector<std::string>& known) {
  const std::string nearest = sql::NearestName(name, known);
  return nearest.empty() ? "" : absl::StrCat("; did you mean \"", nearest, "\"?");
}

absl::Status CheckColumn(const std::string& section, const std::string& name, const ColumnMapping& mapping,
                         const CatalogTable& table) {
  const int position = table.FindColumn(name);
  if (position < 0) {
    std::vector<std::string> known;
    for (const CatalogColumn& column : table.columns) known.push_back(column.name);
    return WrongSection(section, absl::StrCat(table.FullName(), " has no column \"", name, "\" in the federation file",
                                              DidYouMean(name, known)));
  }
  const CatalogColumn& column = table.columns[static_cast<std::size_t>(position)];
  const std::string own_section = absl::StrCat(section, ".", name);
  if (mapping.on_violation == OnViolation::kNull && !column.nullable) {
    return WrongSection(own_section,
                        "on_violation = \"null\" needs a column that may be NULL; write \"drop\", or agree on a "
                        "nullable column in the federation file");
  }
  if (mapping.scaled && column.type.kind != TypeKind::kNumeric) {
    return WrongSection(own_section, absl::StrCat("storage = \"scaled\" is for numeric columns; the federation file "
                                                  "declares ",
                                                  column.type.ToString()));
  }
  if (mapping.timestamp && column.type.kind != TypeKind::kDate) {
    return WrongSection(own_section, absl::StrCat("storage = \"timestamp\" is for date columns; the federation file "
                                                  "declares ",
                                                  column.type.ToString()));
  }
  if (mapping.nfc && column.type.kind != TypeKind::kText) {
    return WrongSection(own_section, absl::StrCat("nfc is for text columns; the federation file declares ",
                                                  column.type.ToString()));
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status CheckMappings(const NodeConfig& config, const Catalog& catalog) {
  for (const auto& [name, mapping] : config.tables) {
    const std::string section = absl::StrCat("tables.", name);
    const CatalogTable* table = catalog.FindTable(config.party, name);
    if (table == nullptr) {
      std::vector<std::string> known;
      for (const CatalogTable& other : catalog.tables) {
        if (other.schema == config.party) known.push_back(other.name);
      }
      return WrongSection(section, absl::StrCat(config.party, " has no table \"", name, "\" in the federation file",
                                                DidYouMean(name, known)));
    }
    if (mapping.on_duplicate != OnDuplicate::kError && table->unique_keys.empty()) {
      return WrongSection(section, absl::StrCat("on_duplicate needs a key without duplicates; ", table->FullName(),
                                                " has neither primary_key nor unique in the federation file"));
    }
    if (mapping.merged.has_value() && table->subject_column < 0) {
      return WrongSection(section + ".merged", absl::StrCat(table->FullName(), " is about no person"));
    }
    for (const auto& [column, column_mapping] : mapping.columns) {
      CARE_RETURN_IF_ERROR(CheckColumn(absl::StrCat(section, ".columns"), column, column_mapping, *table));
    }
  }
  return absl::OkStatus();
}

}  // namespace care::planner
