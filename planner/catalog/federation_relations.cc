#include "planner/catalog/federation_relations.h"

#include <algorithm>
#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "engine/types/status_macros.h"
#include "grammar/query_error.h"

namespace care::planner {
namespace {

std::string SuggestionOf(std::string_view name, const std::vector<std::string>& candidates) {
  const std::string nearest = sql::NearestName(name, candidates);
  return nearest.empty() ? "" : absl::StrCat("; did you mean \"", nearest, "\"?");
}

absl::Status ReadReference(TomlEntry entry, const Catalog& catalog, CatalogTable& table) {
  CatalogReference reference;
  CARE_ASSIGN_OR_RETURN(const std::vector<std::string> columns, entry.Texts("columns"));
  CARE_ASSIGN_OR_RETURN(reference.columns, ColumnPositions(entry, "columns", columns, table));
  CARE_ASSIGN_OR_RETURN(const std::string name, entry.Text("table"));
  std::vector<std::string> names;
  for (const CatalogTable& other : catalog.tables) names.push_back(other.FullName());
  const auto found = std::find(names.begin(), names.end(), name);
  if (found == names.end()) {
    return entry.Error("table", absl::StrCat("there is no table \"", name, "\"", SuggestionOf(name, names)));
  }
  reference.table = static_cast<int>(found - names.begin());
  const CatalogTable& other = catalog.tables[static_cast<std::size_t>(reference.table)];
  std::vector<std::string> key = columns;
  if (entry.Has("key")) {
    CARE_ASSIGN_OR_RETURN(key, entry.Texts("key"));
  }
  CARE_ASSIGN_OR_RETURN(reference.key,
                        ColumnPositions(entry, entry.Has("key") ? "key" : "columns", key, other));
  if (reference.key.size() != reference.columns.size()) {
    return entry.Error("key", "\"key\" must name a column for each of \"columns\", in their order");
  }
  const std::set<int> referred(reference.key.begin(), reference.key.end());
  if (std::none_of(other.unique_keys.begin(), other.unique_keys.end(), [&](const std::vector<int>& unique) {
        return std::set<int>(unique.begin(), unique.end()) == referred;
      })) {
    return entry.Error("key", absl::StrCat("these columns are no declared key of ", name,
                                           "; write primary_key or unique there"));
  }
  for (std::size_t i = 0; i < reference.key.size(); ++i) {
    const CatalogColumn& from = table.columns[static_cast<std::size_t>(reference.columns[i])];
    const CatalogColumn& to = other.columns[static_cast<std::size_t>(reference.key[i])];
    if (from.type != to.type || from.shown_as != to.shown_as) {
      return entry.Error(
          "columns", absl::StrCat("\"", from.name, "\" is ", from.type.ToString(), ", but ", name, ".",
                                  to.name, " is ", to.type.ToString(), "; a reference has the key's types"));
    }
  }
  CARE_RETURN_IF_ERROR(entry.Finish());
  table.references.push_back(std::move(reference));
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<std::vector<int>> ColumnPositions(const TomlEntry& entry, std::string_view key,
                                                 const std::vector<std::string>& names,
                                                 const CatalogTable& table) {
  std::vector<int> positions;
  for (const std::string& name : names) {
    const int position = table.FindColumn(name);
    if (position < 0) {
      std::vector<std::string> known;
      for (const CatalogColumn& column : table.columns) known.push_back(column.name);
      return entry.Error(key, absl::StrCat("\"", std::string(key), "\" names column \"", name,
                                           "\", which the table does not have", SuggestionOf(name, known)));
    }
    if (std::find(positions.begin(), positions.end(), position) != positions.end()) {
      return entry.Error(key, absl::StrCat("\"", std::string(key), "\" names column \"", name, "\" twice"));
    }
    positions.push_back(position);
  }
  if (positions.empty()) return entry.Error(key, absl::StrCat("\"", std::string(key), "\" names no column"));
  return positions;
}

absl::Status ReadMostRows(TomlEntry& table_entry, CatalogTable& table) {
  CARE_ASSIGN_OR_RETURN(const std::vector<const toml::table*> declared, table_entry.Tables("most_rows"));
  for (const toml::table* item : declared) {
    TomlEntry entry = table_entry.Child(*item, absl::StrCat("most_rows of table ", table.FullName()));
    MostRows most;
    CARE_ASSIGN_OR_RETURN(const std::vector<std::string> columns, entry.Texts("per"));
    CARE_ASSIGN_OR_RETURN(most.columns, ColumnPositions(entry, "per", columns, table));
    CARE_ASSIGN_OR_RETURN(most.rows, entry.Count("rows", table.row_bound));
    CARE_RETURN_IF_ERROR(entry.Finish());
    table.max_rows_per.push_back(std::move(most));
  }
  return absl::OkStatus();
}

absl::Status ReadReferences(TomlEntry& file, Catalog& catalog) {
  CARE_ASSIGN_OR_RETURN(const std::vector<const toml::table*> tables, file.Tables("table"));
  for (std::size_t i = 0; i < tables.size(); ++i) {
    CatalogTable& table = catalog.tables[i];
    TomlEntry entry = file.Child(*tables[i], absl::StrCat("table ", table.FullName()));
    CARE_ASSIGN_OR_RETURN(const std::vector<const toml::table*> references, entry.Tables("reference"));
    for (const toml::table* reference : references) {
      CARE_RETURN_IF_ERROR(ReadReference(
          entry.Child(*reference, absl::StrCat("reference of table ", table.FullName())), catalog, table));
    }
  }
  return absl::OkStatus();
}

}  // namespace care::planner
