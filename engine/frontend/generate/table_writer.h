// engine/frontend/generate/table_writer.h
//
// Writes example tables into a new SQLite file, and if asked into CSV files beside it. Journal and syncs are
// off, since a file that was not finished is thrown away: it gets its name when it is whole.
#pragma once

#include <sqlite3.h>

#include <cstdint>
#include <fstream>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "engine/frontend/generate/coaching_schema.h"

namespace care::engine {

// A cell: NULL, a whole number (dates as days, booleans 0 and 1, numerics unscaled), or text.
struct ExampleCell {
  enum Kind : std::uint8_t { kNull, kInteger, kText } kind = kNull;
  std::int64_t integer = 0;
  std::string_view text;

  static ExampleCell Null() { return {}; }
  static ExampleCell Of(std::int64_t value) { return {kInteger, value, {}}; }
  static ExampleCell Of(std::string_view value) { return {kText, 0, value}; }
};

class TableWriter {
 public:
  static absl::StatusOr<std::unique_ptr<TableWriter>> Create(const std::string& directory,
                                                             const std::string& schema, bool csv);
  ~TableWriter();
  TableWriter(const TableWriter&) = delete;
  TableWriter& operator=(const TableWriter&) = delete;

  absl::Status BeginTable(const ExampleTable& table);
  // One cell for each column, in order. Fastest in the table's storage order.
  absl::Status Row(const std::vector<ExampleCell>& cells);
  absl::Status EndTable();
  // Gives the file its name.
  absl::Status Finish();

 private:
  TableWriter() = default;
  absl::Status Execute(const std::string& sql);
  absl::Status Failure() const;
  std::string_view DateText(std::int64_t days);

  std::string directory_;
  std::string schema_;
  std::string unfinished_path_;
  bool csv_ = false;
  bool finished_ = false;
  sqlite3* database_ = nullptr;
  sqlite3_stmt* insert_ = nullptr;
  ExampleTable table_;
  std::ofstream csv_file_;
  std::string line_;
  std::vector<std::string> date_texts_;  // by days since kFirstDay: formatted once
};

}  // namespace care::engine
