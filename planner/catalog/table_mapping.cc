#include "planner/catalog/table_mapping.h"

#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "engine/types/status_macros.h"

namespace care::planner {
namespace {

absl::StatusOr<ColumnMapping> ReadColumn(TomlEntry& columns, const std::string& name,
                                         const std::string& path) {
  const toml::node* node = columns.Node(name);
  ColumnMapping mapping;
  if (node->is_string()) {
    mapping.column = node->as_string()->get();
    return mapping;
  }
  if (!node->is_table()) {
    return columns.Error(name,
                         absl::StrCat("\"", name, "\" must be the owner's name for the column in quotes"));
  }
  TomlEntry entry = columns.Child(*node->as_table(), path);
  CARE_ASSIGN_OR_RETURN(mapping.column, entry.TextOr("column", name));
  CARE_ASSIGN_OR_RETURN(const std::string storage, entry.TextOr("storage", "native"));
  if (storage != "native" && storage != "scaled" && storage != "timestamp") {
    return entry.Error("storage", absl::StrCat("unknown storage \"", storage,
                                               "\"; write \"native\", \"scaled\" or \"timestamp\""));
  }
  mapping.scaled = storage == "scaled";
  mapping.timestamp = storage == "timestamp";
  CARE_ASSIGN_OR_RETURN(const std::string on_violation, entry.TextOr("on_violation", "error"));
  if (on_violation == "null") {
    mapping.on_violation = OnViolation::kNull;
  } else if (on_violation == "drop") {
    mapping.on_violation = OnViolation::kDrop;
  } else if (on_violation != "error") {
    return entry.Error("on_violation", absl::StrCat("unknown on_violation \"", on_violation,
                                                    "\"; write \"error\", \"null\" or \"drop\""));
  }
  CARE_ASSIGN_OR_RETURN(mapping.trim, entry.BooleanOr("trim", false));
  CARE_ASSIGN_OR_RETURN(mapping.nfc, entry.BooleanOr("nfc", false));
  CARE_RETURN_IF_ERROR(entry.Finish());
  return mapping;
}

absl::Status ReadDuplicates(TomlEntry& entry, TableMapping& mapping) {
  CARE_ASSIGN_OR_RETURN(const std::string on_duplicate, entry.TextOr("on_duplicate", "error"));
  CARE_ASSIGN_OR_RETURN(mapping.order_by, entry.TextOr("order_by", ""));
  if (on_duplicate == "first") {
    mapping.on_duplicate = OnDuplicate::kFirst;
    if (mapping.order_by.empty()) {
      return entry.Error("on_duplicate",
                         "which of several rows is the first? Write order_by = \"<the owner's column>\", the least of "
                         "which stays");
    }
    return absl::OkStatus();
  }
  if (!mapping.order_by.empty()) {
    return entry.Error("order_by", "\"order_by\" is for on_duplicate = \"first\"; remove it or write that");
  }
  if (on_duplicate == "drop") {
    mapping.on_duplicate = OnDuplicate::kDrop;
  } else if (on_duplicate != "error") {
    return entry.Error("on_duplicate", absl::StrCat("unknown on_duplicate \"", on_duplicate,
                                                    "\"; write \"error\", \"first\" or \"drop\""));
  }
  return absl::OkStatus();
}

absl::Status ReadMergesAndReversals(TomlEntry& entry, const std::string& name, TableMapping& mapping) {
  CARE_ASSIGN_OR_RETURN(const toml::table* merged, entry.OptionalTable("merged"));
  if (merged != nullptr) {
    TomlEntry merge = entry.Child(*merged, absl::StrCat("tables.", name, ".merged"));
    mapping.merged.emplace();
    CARE_ASSIGN_OR_RETURN(mapping.merged->table, merge.Text("table"));
    CARE_ASSIGN_OR_RETURN(mapping.merged->from, merge.Text("from"));
    CARE_ASSIGN_OR_RETURN(mapping.merged->to, merge.Text("to"));
    CARE_RETURN_IF_ERROR(merge.Finish());
  }
  CARE_ASSIGN_OR_RETURN(const toml::table* reversed, entry.OptionalTable("reversal"));
  if (reversed != nullptr) {
    TomlEntry reversal = entry.Child(*reversed, absl::StrCat("tables.", name, ".reversal"));
    mapping.reversal.emplace();
    CARE_ASSIGN_OR_RETURN(mapping.reversal->id, reversal.Text("id"));
    CARE_ASSIGN_OR_RETURN(mapping.reversal->reverses, reversal.Text("reverses"));
    CARE_RETURN_IF_ERROR(reversal.Finish());
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<TableMapping> ReadTableMapping(TomlEntry entry, const std::string& name,
                                              const std::string& database_kind) {
  TableMapping mapping;
  const bool is_csv = database_kind == "csv";
  CARE_ASSIGN_OR_RETURN(mapping.table, entry.TextOr("table", is_csv ? name + ".csv" : ""));
  CARE_ASSIGN_OR_RETURN(mapping.sql, entry.TextOr("sql", ""));
  if (is_csv && !mapping.sql.empty()) {
    return entry.Error("sql", "a CSV file is not queried; write table = \"<file>.csv\" instead of sql");
  }
  if (mapping.table.empty() == mapping.sql.empty()) {
    return entry.Error("write either table = \"...\" or sql = \"SELECT ...\"");
  }
  CARE_RETURN_IF_ERROR(ReadDuplicates(entry, mapping));
  CARE_RETURN_IF_ERROR(ReadMergesAndReversals(entry, name, mapping));
  CARE_ASSIGN_OR_RETURN(const toml::table* columns, entry.OptionalTable("columns"));
  if (columns != nullptr) {
    TomlEntry column_entries = entry.Child(*columns, absl::StrCat("tables.", name, ".columns"));
    for (const auto& [key, node] : *columns) {
      const std::string column(key.str());
      CARE_ASSIGN_OR_RETURN(
          mapping.columns[column],
          ReadColumn(column_entries, column, absl::StrCat("tables.", name, ".columns.", column)));
    }
  }
  CARE_RETURN_IF_ERROR(entry.Finish());
  return mapping;
}

}  // namespace care::planner
