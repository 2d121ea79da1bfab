#include "connectors/sqlite/clean_scan.h"

#include <algorithm>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "connectors/declared/nearest_name.h"
#include "connectors/select/sql_select.h"
#include "engine/types/status_macros.h"

namespace care::connectors {
namespace {

absl::StatusOr<std::vector<std::string>> ColumnNames(SqliteDatabase& database, const std::string& from) {
  CARE_ASSIGN_OR_RETURN(const SqliteStatement statement, database.Prepare(absl::StrCat("SELECT * FROM ", from)));
  std::vector<std::string> names;
  for (int i = 0; i < sqlite3_column_count(statement.get()); ++i) {
    names.emplace_back(sqlite3_column_name(statement.get(), i));
  }
  return names;
}

// " ORDER BY ..." so that a table's rows come as they are stored; nothing for views and statements, whose order is
// their own.
absl::StatusOr<std::string> StorageOrder(SqliteDatabase& database, const CleanSource& source,
                                         const std::vector<std::string>& columns) {
  if (!source.mapping.sql.empty()) return std::string();
  const std::string& name = source.mapping.table.empty() ? source.table.name : source.mapping.table;
  CARE_ASSIGN_OR_RETURN(SqliteStatement statement,
                        database.Prepare("SELECT type, wr FROM pragma_table_list WHERE schema = 'main' AND name = ?"));
  sqlite3_bind_text(statement.get(), 1, name.data(), static_cast<int>(name.size()), SQLITE_STATIC);
  CARE_ASSIGN_OR_RETURN(const bool known, statement.Step());
  if (!known) return std::string();
  const auto* type = reinterpret_cast<const char*>(sqlite3_column_text(statement.get(), 0));
  if (type == nullptr || std::string_view(type) != "table") return std::string();
  if (sqlite3_column_int(statement.get(), 1) == 0) {
    // A column of the owner's may bear one of the row number's names.
    for (const char* number : {"rowid", "_rowid_", "oid"}) {
      const bool taken = std::any_of(columns.begin(), columns.end(), [&](const std::string& column) {
        return absl::AsciiStrToLower(column) == number;
      });
      if (!taken) return absl::StrCat(" ORDER BY ", number);
    }
    return std::string();
  }
  CARE_ASSIGN_OR_RETURN(SqliteStatement key,
                        database.Prepare("SELECT name FROM pragma_table_info(?) WHERE pk > 0 ORDER BY pk"));
  sqlite3_bind_text(key.get(), 1, name.data(), static_cast<int>(name.size()), SQLITE_STATIC);
  std::vector<std::string> parts;
  for (;;) {
    CARE_ASSIGN_OR_RETURN(const bool more, key.Step());
    if (!more) break;
    parts.push_back(QuoteIdentifier(reinterpret_cast<const char*>(sqlite3_column_text(key.get(), 0))));
  }
  return absl::StrCat(" ORDER BY ", absl::StrJoin(parts, ", "));
}

RawCell RawCellOf(sqlite3_stmt* statement, int column) {
  RawCell cell;
  switch (sqlite3_column_type(statement, column)) {
    case SQLITE_NULL:
      break;
    case SQLITE_INTEGER:
      cell.kind = RawCell::Kind::kInteger;
      cell.integer = sqlite3_column_int64(statement, column);
      break;
    case SQLITE_FLOAT:
      cell.kind = RawCell::Kind::kFloat;
      cell.number = sqlite3_column_double(statement, column);
      break;
    case SQLITE_TEXT: {
      cell.kind = RawCell::Kind::kText;
      const auto* text = reinterpret_cast<const char*>(sqlite3_column_text(statement, column));
      cell.text = {text, static_cast<std::size_t>(sqlite3_column_bytes(statement, column))};
      break;
    }
    default:
      cell.kind = RawCell::Kind::kOther;
  }
  return cell;
}

absl::Status FeedMerges(SqliteDatabase& database, const CleanSource& source, TableCleaner& cleaner) {
  const planner::MergeMapping& merged = *cleaner.merged();
  absl::StatusOr<SqliteStatement> statement =
      database.Prepare(absl::StrCat("SELECT ", QuoteIdentifier(merged.from), ", ", QuoteIdentifier(merged.to),
                                    " FROM ", QuoteIdentifier(merged.table)));
  if (!statement.ok()) {
    return absl::NotFoundError(absl::StrCat(source.table.FullName(), ": ", source.party,
                                            "'s database has no table '", merged.table, "' with the columns '",
                                            merged.from, "' and '", merged.to, "'; correct [tables.",
                                            source.table.name, ".merged] in its node file"));
  }
  for (;;) {
    CARE_ASSIGN_OR_RETURN(const bool more, statement->Step());
    if (!more) return absl::OkStatus();
    CARE_RETURN_IF_ERROR(
        cleaner.AddMerge(RawCellOf(statement->get(), 0), RawCellOf(statement->get(), 1)));
  }
}

}  // namespace

absl::StatusOr<std::string> CleanScanSql(SqliteDatabase& database, const CleanSource& source,
                                         const TableCleaner& cleaner) {
  CARE_ASSIGN_OR_RETURN(const std::vector<std::string> own, ColumnNames(database, source.from));
  std::vector<std::string> selected;
  for (const std::string& name : cleaner.needed()) {
    if (std::find(own.begin(), own.end(), name) == own.end()) {
      return absl::NotFoundError(absl::StrCat(source.table.FullName(), ": ", source.party, "'s table has no column '",
                                              name, "'", NearestName(name, own), "; correct [tables.",
                                              source.table.name, "] in its node file"));
    }
    selected.push_back(QuoteIdentifier(name));
  }
  CARE_ASSIGN_OR_RETURN(const std::string order, StorageOrder(database, source, own));
  return absl::StrCat("SELECT ", selected.empty() ? "1" : absl::StrJoin(selected, ", "), " FROM ", source.from, order);
}

absl::Status FeedCleaner(SqliteDatabase& database, const CleanSource& source, TableCleaner& cleaner) {
  if (cleaner.merged() != nullptr) CARE_RETURN_IF_ERROR(FeedMerges(database, source, cleaner));
  CARE_ASSIGN_OR_RETURN(const std::string sql, CleanScanSql(database, source, cleaner));
  CARE_ASSIGN_OR_RETURN(SqliteStatement statement, database.Prepare(sql));
  std::vector<RawCell> cells(cleaner.needed().size());
  for (;;) {
    CARE_ASSIGN_OR_RETURN(const bool more, statement.Step());
    if (!more) return absl::OkStatus();
    for (std::size_t i = 0; i < cells.size(); ++i) {
      cells[i] = RawCellOf(statement.get(), static_cast<int>(i));
    }
    CARE_RETURN_IF_ERROR(cleaner.AddRow(cells));
  }
}

}  // namespace care::connectors
