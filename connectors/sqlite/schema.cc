#include "connectors/sqlite/schema.h"

#include <algorithm>
#include <cctype>
#include <map>

#include "absl/strings/str_cat.h"
#include "connectors/declared/nearest_name.h"
#include "engine/types/status_macros.h"

namespace care::connectors {
namespace {

struct OwnColumn {
  std::string name;
  bool text_affinity = false;    // TEXT or none: a stored text compares as text
  bool binary_collation = true;
};

std::string UpperCase(std::string_view text) {
  std::string upper(text);
  for (char& c : upper) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  return upper;
}

// SQLite's rules 1 to 5 of "Determination Of Column Affinity": is it TEXT or BLOB?
bool KeepsText(std::string_view declared_type) {
  const std::string type = UpperCase(declared_type);
  const auto has = [&](const char* part) { return type.find(part) != std::string::npos; };
  if (has("INT")) return false;
  return type.empty() || has("CHAR") || has("CLOB") || has("TEXT") || has("BLOB");
}

std::string ColumnText(const SqliteStatement& statement, int column) {
  const unsigned char* text = sqlite3_column_text(statement.get(), column);
  return text == nullptr ? std::string() : std::string(reinterpret_cast<const char*>(text));
}

absl::StatusOr<std::vector<std::string>> OwnTables(SqliteDatabase& database) {
  std::vector<std::string> names;
  CARE_ASSIGN_OR_RETURN(SqliteStatement statement,
                        database.Prepare("SELECT name FROM sqlite_schema WHERE type IN ('table', 'view') "
                                         "AND name NOT LIKE 'sqlite%' ORDER BY name"));
  for (;;) {
    CARE_ASSIGN_OR_RETURN(const bool more, statement.Step());
    if (!more) return names;
    names.push_back(ColumnText(statement, 0));
  }
}

absl::StatusOr<std::vector<OwnColumn>> OwnColumns(SqliteDatabase& database, const std::string& table) {
  std::vector<OwnColumn> columns;
  CARE_ASSIGN_OR_RETURN(SqliteStatement statement,
                        database.Prepare(absl::StrCat("SELECT name, type FROM pragma_table_info(",
                                                      QuoteText(table), ")")));
  for (;;) {
    CARE_ASSIGN_OR_RETURN(const bool more, statement.Step());
    if (!more) return columns;
    OwnColumn column{ColumnText(statement, 0), KeepsText(ColumnText(statement, 1)), false};
    const char* collation = nullptr;
    // Views have no metadata of their own: their collations stay unknown, and are forced.
    if (sqlite3_table_column_metadata(database.handle(), "main", table.c_str(), column.name.c_str(), nullptr,
                                      &collation, nullptr, nullptr, nullptr) == SQLITE_OK) {
      column.binary_collation = collation != nullptr && UpperCase(collation) == "BINARY";
    } else {
      column.text_affinity = false;
    }
    columns.push_back(std::move(column));
  }
}

absl::StatusOr<std::vector<OwnColumn>> StatementColumns(SqliteDatabase& database, const std::string& sql) {
  absl::StatusOr<SqliteStatement> statement = database.Prepare(absl::StrCat("SELECT * FROM (", sql, ")"));
  if (!statement.ok()) return statement.status();
  std::vector<OwnColumn> columns;
  for (int i = 0; i < sqlite3_column_count(statement->get()); ++i) {
    columns.push_back({sqlite3_column_name(statement->get(), i), false, false});
  }
  return columns;
}

absl::StatusOr<std::vector<std::vector<std::string>>> EnforcedKeys(SqliteDatabase& database,
                                                                   const std::string& table) {
  std::vector<std::vector<std::string>> keys;
  std::map<std::string, std::vector<std::string>> by_index;
  CARE_ASSIGN_OR_RETURN(
      SqliteStatement statement,
      database.Prepare(absl::StrCat("SELECT l.name, i.name, i.coll FROM pragma_index_list(", QuoteText(table),
                                    ") AS l, pragma_index_xinfo(l.name) AS i WHERE l.\"unique\" AND "
                                    "NOT l.partial AND i.key ORDER BY l.name, i.seqno")));
  for (;;) {
    CARE_ASSIGN_OR_RETURN(const bool more, statement.Step());
    if (!more) break;
    // An expression in an index has no name and so matches no declared key.
    by_index[ColumnText(statement, 0)].push_back(ColumnText(statement, 1));
  }
  for (auto& [index, columns] : by_index) keys.push_back(std::move(columns));
  CARE_ASSIGN_OR_RETURN(SqliteStatement rowid_key,
                        database.Prepare(absl::StrCat("SELECT name FROM pragma_table_info(", QuoteText(table),
                                                      ") WHERE pk > 0 ORDER BY pk")));
  std::vector<std::string> primary;
  for (;;) {
    CARE_ASSIGN_OR_RETURN(const bool more, rowid_key.Step());
    if (!more) break;
    primary.push_back(ColumnText(rowid_key, 0));
  }
  if (!primary.empty()) keys.push_back(std::move(primary));
  return keys;
}

absl::StatusOr<PhysicalTable> ReadTable(SqliteDatabase& database, const planner::CatalogTable& table,
                                        const planner::TableMapping& mapping, const std::string& party,
                                        const std::vector<std::string>& own_tables) {
  PhysicalTable physical;
  std::vector<OwnColumn> own;
  std::vector<std::vector<std::string>> keys;
  if (!mapping.sql.empty()) {
    absl::StatusOr<std::vector<OwnColumn>> columns = StatementColumns(database, mapping.sql);
    if (!columns.ok()) {
      physical.status = absl::NotFoundError(
          absl::StrCat(table.FullName(), ": the sql that ", party, "'s node file maps it to does not run"));
      return physical;
    }
    own = *std::move(columns);
    physical.from = absl::StrCat("(", mapping.sql, ")");
  } else {
    const std::string name = mapping.table.empty() ? table.name : mapping.table;
    if (std::find(own_tables.begin(), own_tables.end(), name) == own_tables.end()) {
      physical.status = absl::NotFoundError(
          absl::StrCat(table.FullName(), ": ", party, "'s database has no table '", name, "'",
                       NearestName(name, own_tables), "; correct [tables.", table.name, "] in its node file"));
      return physical;
    }
    CARE_ASSIGN_OR_RETURN(own, OwnColumns(database, name));
    CARE_ASSIGN_OR_RETURN(keys, EnforcedKeys(database, name));
    physical.from = QuoteIdentifier(name);
  }
  std::vector<std::string> own_names;
  for (const OwnColumn& column : own) own_names.push_back(column.name);
  std::map<std::string, int> position_of_own;
  for (std::size_t i = 0; i < table.columns.size(); ++i) {
    const planner::CatalogColumn& column = table.columns[i];
    const auto mapped = mapping.columns.find(column.name);
    const bool is_mapped = mapped != mapping.columns.end();
    const std::string name = is_mapped && !mapped->second.column.empty() ? mapped->second.column : column.name;
    PhysicalColumn result;
    result.native_decimal = column.type.kind == TypeKind::kNumeric && !(is_mapped && mapped->second.scaled);
    const auto found = std::find_if(own.begin(), own.end(), [&](const OwnColumn& o) { return o.name == name; });
    if (found == own.end()) {
      result.status = absl::NotFoundError(absl::StrCat(
          table.FullName(), ".", column.name, ": ", party, "'s table has no column '", name, "'",
          NearestName(name, own_names), "; correct [tables.", table.name, ".columns] in its node file"));
    } else {
      result.sql = QuoteIdentifier(name);
      position_of_own[name] = static_cast<int>(i);
      const bool compares_as_text =
          column.type.kind == TypeKind::kText || column.type.kind == TypeKind::kDate || column.type.IsTimestamp() ||
          result.native_decimal;
      if (compares_as_text && !found->text_affinity && !result.native_decimal) {
        // CAST would also turn a stored number into text, and so hide it from the check of storage.
        result.sql = absl::StrCat("CASE typeof(", result.sql, ") WHEN 'text' THEN CAST(", result.sql,
                                  " AS TEXT) ELSE ", result.sql, " END");
      }
      if (compares_as_text && !found->binary_collation) result.sql += " COLLATE BINARY";
    }
    physical.columns.push_back(std::move(result));
  }
  for (const std::vector<std::string>& key : keys) {
    std::vector<int> positions;
    for (const std::string& name : key) {
      const auto position = position_of_own.find(name);
      if (position != position_of_own.end()) positions.push_back(position->second);
    }
    if (positions.size() == key.size()) physical.enforced_keys.push_back(std::move(positions));
  }
  return physical;
}

}  // namespace

absl::StatusOr<std::vector<PhysicalTable>> ReadSchema(SqliteDatabase& database, const planner::Catalog& catalog,
                                                      PartyId party, const planner::NodeConfig& config) {
  CARE_ASSIGN_OR_RETURN(const std::vector<std::string> own_tables, OwnTables(database));
  std::vector<PhysicalTable> tables(catalog.tables.size());
  for (std::size_t i = 0; i < catalog.tables.size(); ++i) {
    const planner::CatalogTable& table = catalog.tables[i];
    if (table.owner != party) continue;
    const auto mapping = config.tables.find(table.name);
    CARE_ASSIGN_OR_RETURN(tables[i],
                          ReadTable(database, table,
                                    mapping == config.tables.end() ? planner::TableMapping() : mapping->second,
                                    catalog.PartyName(party), own_tables));
  }
  return tables;
}

}  // namespace care::connectors
