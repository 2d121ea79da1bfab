// What SQLite says of its tables. It types values, not columns, so declared types are a hint only; whether a
// column's values fit is seen from a sample.

#include <algorithm>
#include <cctype>
#include <chrono>
#include <cstdio>
#include <map>

#include "absl/strings/str_cat.h"
#include "connectors/sqlite/database.h"
#include "engine/frontend/init/inspection.h"
#include "engine/types/status_macros.h"

namespace care::engine {
namespace {

std::string Upper(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(), [](unsigned char c) { return std::toupper(c); });
  return text;
}

std::string QuotedText(const std::string& text) {
  std::string quoted = "'";
  for (const char c : text) {
    if (c == '\'') quoted.push_back('\'');
    quoted.push_back(c);
  }
  return quoted + "'";
}

void SetKind(OwnColumn& column) {
  const std::string type = Upper(column.declared);
  const auto has = [&type](const char* part) { return type.find(part) != std::string::npos; };
  if (has("BOOL")) {
    column.kind = OwnKind::kBoolean;
  } else if (has("INT")) {
    column.kind = OwnKind::kInteger;
    if (has("SMALLINT")) column.integer_bits = 16;
    if (type == "INT4") column.integer_bits = 32;
  } else if (has("TIMESTAMP") || has("DATETIME")) {
    column.kind = OwnKind::kMomentText;
  } else if (has("DATE")) {
    column.kind = OwnKind::kDate;
  } else if (has("DEC") || has("NUMERIC")) {
    column.kind = OwnKind::kDecimal;
    const std::size_t open = type.find('(');
    if (open != std::string::npos)
      std::sscanf(type.c_str() + open, "(%d,%d", &column.precision, &column.scale);
  } else if (has("CHAR") || has("TEXT") || has("CLOB")) {
    column.kind = OwnKind::kText;
  } else if (has("REAL") || has("FLOA") || has("DOUB")) {
    column.kind = OwnKind::kFloat;
  } else {
    column.unusable = type.empty() ? "it has no declared type" : "its type has no counterpart";
  }
}

class SqliteInspection final : public InspectedDatabase {
 public:
  explicit SqliteInspection(std::unique_ptr<connectors::SqliteDatabase> database)
      : database_(std::move(database)) {}

  absl::StatusOr<std::vector<OwnTable>> Tables() override {
    CARE_ASSIGN_OR_RETURN(const Rows names,
                          Query("SELECT name FROM sqlite_schema WHERE type IN ('table', 'view') AND "
                                "name NOT LIKE 'sqlite%' ORDER BY name"));
    std::vector<OwnTable> tables;
    for (const auto& name : names) {
      OwnTable table;
      table.name = name[0].value_or("");
      CARE_RETURN_IF_ERROR(ReadTable(table));
      tables.push_back(std::move(table));
    }
    return tables;
  }

  absl::StatusOr<Rows> Query(const std::string& sql) override {
    CARE_ASSIGN_OR_RETURN(connectors::SqliteStatement statement, database_->Prepare(sql));
    Rows rows;
    while (true) {
      CARE_ASSIGN_OR_RETURN(const bool more, statement.Step());
      if (!more) return rows;
      auto& row = rows.emplace_back();
      for (int i = 0; i < sqlite3_column_count(statement.get()); ++i) {
        const auto* text = reinterpret_cast<const char*>(sqlite3_column_text(statement.get(), i));
        row.push_back(text == nullptr
                          ? std::nullopt
                          : std::optional(std::string(
                                text, static_cast<std::size_t>(sqlite3_column_bytes(statement.get(), i)))));
      }
    }
  }

  std::string AsText(const OwnColumn& column) const override {
    return absl::StrCat("CAST(", QuotedName(column.name), " AS TEXT)");
  }

 private:
  // A column of texts may hold nothing but days, or nothing but numbers with a point: neither is a list of values for a domain.
  absl::Status ReadKindOfTexts(const OwnTable& table, OwnColumn& column) {
    const std::string name = QuotedName(column.name);
    CARE_ASSIGN_OR_RETURN(
        const Rows rows,
        Query(absl::StrCat("SELECT COUNT(", name, ") > 0 AND COUNT(", name, ") = SUM(", name, " = date(", name, ")), COUNT(", name,
                           ") > 0 AND COUNT(", name, ") = SUM(", name, " GLOB '*[0-9]' AND NOT ", name,
                           " GLOB '*[^-0-9.]*' AND NOT ", name, " GLOB '*.*.*' AND NOT ", name, " GLOB '?*-*') AND SUM(", name,
                           " GLOB '*[0-9].[0-9]*') > 0 FROM ", QuotedTable(table))));
    if (rows[0][0] == "1") column.kind = OwnKind::kDate;
    if (rows[0][1] == "1") {
      column.kind = OwnKind::kOther;
      column.unusable = "it holds numbers as texts; declare it by hand, as type = \"numeric(12,2)\" with min and max";
    }
    return absl::OkStatus();
  }

  absl::Status ReadTable(OwnTable& table) {
    const std::string name = QuotedText(table.name);
    CARE_ASSIGN_OR_RETURN(
        const Rows columns,
        Query(absl::StrCat("SELECT name, type, \"notnull\", pk FROM pragma_table_info(", name, ")")));
    std::map<int, std::string> key;
    for (const auto& row : columns) {
      OwnColumn column;
      column.name = row[0].value_or("");
      column.declared = row[1].value_or("");
      const int position = std::atoi(row[3].value_or("0").c_str());
      if (position > 0) key[position] = column.name;
      // A primary key of SQLite may hold NULL unless it is declared otherwise; an owner means that it does
      // not.
      column.not_null = row[2] == "1" || position > 0;
      SetKind(column);
      if (column.kind == OwnKind::kText) {
        CARE_RETURN_IF_ERROR(ReadKindOfTexts(table, column));
      }
      table.columns.push_back(std::move(column));
    }
    for (const auto& [position, column] : key) table.primary_key.push_back(column);
    CARE_ASSIGN_OR_RETURN(
        const Rows unique,
        Query(absl::StrCat(
            "SELECT l.name, i.name FROM pragma_index_list(", name,
            ") AS l, pragma_index_info(l.name) AS i "
            "WHERE l.\"unique\" AND NOT l.partial AND l.origin <> 'pk' ORDER BY l.name, i.seqno")));
    std::map<std::string, std::vector<std::string>> indexes;
    for (const auto& row : unique) indexes[row[0].value_or("")].push_back(row[1].value_or(""));
    for (auto& [index, names] : indexes) table.unique.push_back(std::move(names));
    CARE_ASSIGN_OR_RETURN(const Rows references,
                          Query(absl::StrCat("SELECT id, \"from\", \"table\" FROM pragma_foreign_key_list(",
                                             name, ") ORDER BY id, seq")));
    std::map<std::string, OwnTable::Reference> by_id;
    for (const auto& row : references) {
      OwnTable::Reference& reference = by_id[row[0].value_or("")];
      reference.columns.push_back(row[1].value_or(""));
      reference.table = row[2].value_or("");
    }
    for (auto& [id, reference] : by_id) table.references.push_back(std::move(reference));
    return absl::OkStatus();
  }

  std::unique_ptr<connectors::SqliteDatabase> database_;
};

}  // namespace

std::string QuotedName(const std::string& name) {
  std::string quoted = "\"";
  for (const char c : name) {
    if (c == '"') quoted.push_back('"');
    quoted.push_back(c);
  }
  return quoted + "\"";
}

std::string QuotedTable(const OwnTable& table) {
  return table.schema.empty() ? QuotedName(table.name)
                              : absl::StrCat(QuotedName(table.schema), ".", QuotedName(table.name));
}

absl::StatusOr<std::unique_ptr<InspectedDatabase>> InspectSqlite(const std::string& path,
                                                                 const std::string& party) {
  CARE_ASSIGN_OR_RETURN(
      auto database, connectors::SqliteDatabase::OpenReadOnly(path, party, std::chrono::milliseconds(5'000)));
  return std::make_unique<SqliteInspection>(std::move(database));
}

}  // namespace care::engine
