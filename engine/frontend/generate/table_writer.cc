#include "engine/frontend/generate/table_writer.h"

#include <filesystem>
#include <system_error>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "engine/types/check.h"
#include "engine/types/date.h"
#include "engine/types/decimal.h"
#include "engine/types/status_macros.h"

namespace care::engine {
namespace {

constexpr std::int64_t kFirstDay = 8035;  // 1992-01-01
constexpr std::int64_t kDays = 20'000;

std::string SqliteType(const ExampleColumn& column) { return column.IsText() || column.IsDate() ? "TEXT" : "INTEGER"; }

const std::string& OwnName(const ExampleColumn& column) {
  return column.own_name.empty() ? column.name : column.own_name;
}

}  // namespace

absl::StatusOr<std::unique_ptr<TableWriter>> TableWriter::Create(const std::string& directory,
                                                                 const std::string& schema, bool csv) {
  std::unique_ptr<TableWriter> writer(new TableWriter);
  writer->directory_ = directory;
  writer->schema_ = schema;
  writer->csv_ = csv;
  writer->unfinished_path_ = absl::StrCat(directory, "/", schema, ".db.unfinished");
  std::error_code ignored;
  std::filesystem::remove(writer->unfinished_path_, ignored);
  if (sqlite3_open(writer->unfinished_path_.c_str(), &writer->database_) != SQLITE_OK) return writer->Failure();
  for (const char* setting : {"PRAGMA journal_mode = OFF", "PRAGMA synchronous = OFF", "PRAGMA locking_mode = EXCLUSIVE",
                              "PRAGMA cache_size = -65536", "BEGIN"}) {
    CARE_RETURN_IF_ERROR(writer->Execute(setting));
  }
  return writer;
}

TableWriter::~TableWriter() {
  sqlite3_finalize(insert_);
  sqlite3_close(database_);
  std::error_code ignored;
  if (!finished_) std::filesystem::remove(unfinished_path_, ignored);
}

absl::Status TableWriter::Failure() const {
  return absl::UnavailableError(absl::StrCat("cannot write ", directory_, "/", schema_, ".db: ",
                                             database_ == nullptr ? "out of memory" : sqlite3_errmsg(database_)));
}

absl::Status TableWriter::Execute(const std::string& sql) {
  return sqlite3_exec(database_, sql.c_str(), nullptr, nullptr, nullptr) == SQLITE_OK ? absl::OkStatus() : Failure();
}

absl::Status TableWriter::BeginTable(const ExampleTable& table) {
  table_ = table;
  std::vector<std::string> definitions;
  std::vector<std::string> names;
  for (const ExampleColumn& column : table.columns) {
    definitions.push_back(
        absl::StrCat(OwnName(column), " ", SqliteType(column), column.nullable ? "" : " NOT NULL"));
    names.push_back(column.name);
  }
  if (!table.storage_order.empty()) {
    definitions.push_back(absl::StrCat("PRIMARY KEY (", absl::StrJoin(table.storage_order, ", "), ")"));
  }
  CARE_RETURN_IF_ERROR(Execute(absl::StrCat("CREATE TABLE ", table.name, " (", absl::StrJoin(definitions, ", "), ")",
                                            table.storage_order.empty() ? "" : " WITHOUT ROWID")));
  const std::string insert =
      absl::StrCat("INSERT INTO ", table.name, " VALUES (",
                   absl::StrJoin(std::vector<std::string>(table.columns.size(), "?"), ", "), ")");
  if (sqlite3_prepare_v2(database_, insert.c_str(), -1, &insert_, nullptr) != SQLITE_OK) return Failure();
  if (csv_) {
    csv_file_.open(absl::StrCat(directory_, "/", schema_, ".", table.name, ".csv"), std::ios::trunc);
    csv_file_ << absl::StrJoin(names, ",") << "\n";
  }
  return absl::OkStatus();
}

std::string_view TableWriter::DateText(std::int64_t days) {
  CARE_CHECK(days >= kFirstDay && days < kFirstDay + kDays);
  const auto index = static_cast<std::size_t>(days - kFirstDay);
  // All at once: a row holds on to the texts of several days.
  if (date_texts_.empty()) date_texts_.resize(kDays);
  if (date_texts_[index].empty()) date_texts_[index] = FormatDate(static_cast<std::int32_t>(days));
  return date_texts_[index];
}

absl::Status TableWriter::Row(const std::vector<ExampleCell>& cells) {
  CARE_CHECK(cells.size() == table_.columns.size());
  line_.clear();
  for (std::size_t i = 0; i < cells.size(); ++i) {
    const ExampleColumn& column = table_.columns[i];
    ExampleCell cell = cells[i];
    const int parameter = static_cast<int>(i) + 1;
    if (csv_ && i > 0) line_ += ',';
    if (cell.kind == ExampleCell::kNull) {
      sqlite3_bind_null(insert_, parameter);
      continue;
    }
    if (column.IsDate() && cell.kind == ExampleCell::kInteger) {
      cell = ExampleCell::Of(DateText(cell.integer));
    }
    if (cell.kind == ExampleCell::kText) {
      sqlite3_bind_text(insert_, parameter, cell.text.data(), static_cast<int>(cell.text.size()), SQLITE_STATIC);
    } else {
      sqlite3_bind_int64(insert_, parameter, cell.integer);
    }
    if (!csv_) continue;
    // No text of the example holds a comma, a quote or a line end.
    if (cell.kind == ExampleCell::kText) {
      line_ += cell.text;
    } else if (column.IsBoolean()) {
      line_ += cell.integer != 0 ? 't' : 'f';
    } else if (column.IsNumeric()) {
      line_ += Decimal{cell.integer, 2}.ToString();
    } else {
      absl::StrAppend(&line_, cell.integer);
    }
  }
  if (csv_) csv_file_ << line_ << "\n";
  if (sqlite3_step(insert_) != SQLITE_DONE) return Failure();
  sqlite3_reset(insert_);
  return absl::OkStatus();
}

absl::Status TableWriter::EndTable() {
  sqlite3_finalize(insert_);
  insert_ = nullptr;
  if (!csv_) return absl::OkStatus();
  csv_file_.close();
  if (csv_file_.fail()) {
    return absl::UnavailableError(absl::StrCat("cannot write ", directory_, "/", schema_, ".", table_.name, ".csv"));
  }
  return absl::OkStatus();
}

absl::Status TableWriter::Finish() {
  CARE_RETURN_IF_ERROR(Execute("COMMIT"));
  if (sqlite3_close(database_) != SQLITE_OK) return Failure();
  database_ = nullptr;
  std::error_code error;
  std::filesystem::rename(unfinished_path_, absl::StrCat(directory_, "/", schema_, ".db"), error);
  if (error) return absl::UnavailableError(absl::StrCat("cannot name ", directory_, "/", schema_, ".db"));
  finished_ = true;
  return absl::OkStatus();
}

}  // namespace care::engine
