#include "engine/frontend/generate/messy_writer.h"

#include <cstdlib>
#include <filesystem>
#include <system_error>
#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "engine/types/check.h"
#include "engine/types/status_macros.h"

namespace care::engine {
namespace {

bool IsStoredAsInteger(const std::string& type) { return type == "bigint" || type == "integer" || type == "boolean"; }

std::string CsvField(const std::string& text) {
  if (!text.empty() && text.find_first_of(",\"\r\n") == std::string::npos) return text;
  return absl::StrCat("\"", absl::StrReplaceAll(text, {{"\"", "\"\""}}), "\"");
}

std::string CopyField(const MessyColumn& column, const MessyCell& cell) {
  if (!cell.has_value()) return "\\N";
  if (column.type == "bytea") return absl::StrCat("\\\\x", absl::BytesToHexString(*cell));
  return absl::StrReplaceAll(*cell, {{"\\", "\\\\"}, {"\t", "\\t"}, {"\n", "\\n"}, {"\r", "\\r"}});
}

}  // namespace

MessyWriter::MessyWriter(std::string directory, std::string party)
    : directory_(std::move(directory)), party_(std::move(party)) {}

MessyWriter::~MessyWriter() {
  sqlite3_finalize(insert_);
  sqlite3_close(database_);
}

absl::Status MessyWriter::Failure(const std::string& name) const {
  return absl::UnavailableError(absl::StrCat("cannot write ", directory_, "/", name));
}

absl::Status MessyWriter::Execute(const std::string& sql) {
  const int code = sqlite3_exec(database_, sql.c_str(), nullptr, nullptr, nullptr);
  return code == SQLITE_OK ? absl::OkStatus() : Failure(party_ + ".db");
}

absl::StatusOr<std::unique_ptr<MessyWriter>> MessyWriter::Create(const std::string& directory,
                                                                 const std::string& party) {
  std::unique_ptr<MessyWriter> writer(new MessyWriter(directory, party));
  const std::string path = absl::StrCat(directory, "/", party, ".db");
  std::error_code error;
  std::filesystem::remove(path, error);
  std::filesystem::create_directories(absl::StrCat(directory, "/", party, ".csv"), error);
  if (error) return writer->Failure(party + ".csv");
  if (sqlite3_open(path.c_str(), &writer->database_) != SQLITE_OK) return writer->Failure(party + ".db");
  CARE_RETURN_IF_ERROR(writer->Execute("PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; BEGIN"));
  writer->script_.open(absl::StrCat(directory, "/", party, ".sql"), std::ios::binary | std::ios::trunc);
  return writer;
}

absl::Status MessyWriter::BeginTable(const std::string& name) {
  table_ = nullptr;
  for (const MessyTable& table : MessyTables()) {
    if (table.party == party_ && table.name == name) table_ = &table;
  }
  CARE_CHECK(table_ != nullptr);
  std::vector<std::string> names, stored, declared, places;
  for (const MessyColumn& column : table_->columns) {
    names.push_back(column.name);
    stored.push_back(absl::StrCat(column.name, IsStoredAsInteger(column.type) ? " INTEGER" : " TEXT"));
    declared.push_back(absl::StrCat(column.name, " ", column.type));
    places.push_back(column.type == "text" || column.type == "bytea" ? "CAST(? AS TEXT)" : "?");
  }
  CARE_RETURN_IF_ERROR(Execute(absl::StrCat("CREATE TABLE ", name, " (", absl::StrJoin(stored, ", "), ")")));
  const std::string insert = absl::StrCat("INSERT INTO ", name, " VALUES (", absl::StrJoin(places, ", "), ")");
  if (sqlite3_prepare_v2(database_, insert.c_str(), -1, &insert_, nullptr) != SQLITE_OK) return Failure(party_ + ".db");
  csv_.open(absl::StrCat(directory_, "/", party_, ".csv/", name, ".csv"), std::ios::binary | std::ios::trunc);
  csv_ << absl::StrJoin(names, ",") << "\r\n";
  script_ << "CREATE TABLE " << name << " (" << absl::StrJoin(declared, ", ") << ");\nCOPY " << name
          << " FROM STDIN;\n";
  return absl::OkStatus();
}

// Text goes in as bytes, of which not all are UTF-8.
void MessyWriter::Bind(int parameter, const MessyColumn& column, const MessyCell& cell) {
  if (!cell.has_value()) {
    sqlite3_bind_null(insert_, parameter);
  } else if (column.type == "boolean") {
    sqlite3_bind_int64(insert_, parameter, *cell == "t" ? 1 : 0);
  } else if (IsStoredAsInteger(column.type)) {
    sqlite3_bind_int64(insert_, parameter, std::strtoll(cell->c_str(), nullptr, 10));
  } else if (column.type == "text" || column.type == "bytea") {
    sqlite3_bind_blob(insert_, parameter, cell->data(), static_cast<int>(cell->size()), SQLITE_STATIC);
  } else {
    sqlite3_bind_text(insert_, parameter, cell->data(), static_cast<int>(cell->size()), SQLITE_STATIC);
  }
}

absl::Status MessyWriter::Row(const std::vector<MessyCell>& cells) {
  CARE_CHECK(cells.size() == table_->columns.size());
  for (std::size_t i = 0; i < cells.size(); ++i) {
    Bind(static_cast<int>(i) + 1, table_->columns[i], cells[i]);
    if (i > 0) {
      csv_ << ',';
      script_ << '\t';
    }
    if (cells[i].has_value()) csv_ << CsvField(*cells[i]);
    script_ << CopyField(table_->columns[i], cells[i]);
  }
  csv_ << "\r\n";
  script_ << '\n';
  if (sqlite3_step(insert_) != SQLITE_DONE) return Failure(party_ + ".db");
  sqlite3_reset(insert_);
  return absl::OkStatus();
}

absl::Status MessyWriter::EndTable() {
  sqlite3_finalize(insert_);
  insert_ = nullptr;
  script_ << "\\.\n";
  csv_.close();
  return csv_.fail() ? Failure(absl::StrCat(party_, ".csv/", table_->name, ".csv")) : absl::OkStatus();
}

absl::Status MessyWriter::Finish() {
  CARE_RETURN_IF_ERROR(Execute("COMMIT"));
  script_.close();
  return script_.fail() ? Failure(party_ + ".sql") : absl::OkStatus();
}

}  // namespace care::engine
