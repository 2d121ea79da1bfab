// connectors/postgresql/copy_reader.h
//
// PostgreSQL's binary COPY, row by row straight into the columns of a batch. Cells of a table that is fetched as it
// is are checked against their declared rules here; the first one that breaks a rule ends the reading.
//
//   header  "PGCOPY\n\377\r\n\0", flags, length of an extension, the extension
//   row     int16 number of cells; each an int32 length (-1: NULL) and its bytes; all numbers big-endian
//   end     int16 -1
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/string_view.h"
#include "connectors/declared/cell_rule.h"
#include "connectors/postgresql/stored_column.h"
#include "engine/types/column_batch.h"

namespace care::connectors {

// What a cell has to be.
struct CellExpectation {
  WireForm wire = WireForm::kText;
  int digits = 0;  // of a numeric: how many it may have after the point
  int shift = 0;   // powers of ten from the number on the wire to the one in the batch
  bool is_boolean = false;
  bool is_float = false;  // declared floating point, which the statement rounds to `digits`
  bool nullable = true;
  bool unchecked_text = false;  // its bytes may not be UTF-8
  StoredRange range = RangeOfType(kBigIntType);
  int max_length = 0;
  absl::flat_hash_set<absl::string_view> domain;  // of a catalog that outlives the reader
};

class CopyReader {
 public:
  enum class Outcome : std::uint8_t { kFine, kBrokenRule, kTooManyRows, kMalformed };

  // Appends to `batch`, whose columns are named and typed already.
  CopyReader(std::vector<CellExpectation> expectations, std::uint64_t row_bound, ColumnBatch& batch);

  // One message: the header, if it is the first, and whole rows.
  Outcome Read(const char* data, std::size_t size);
  bool complete() const { return ended_; }

  // After kBrokenRule.
  CellRule broken_rule() const { return broken_rule_; }
  std::size_t broken_column() const { return broken_column_; }

 private:
  Outcome ReadRow(const char*& at, const char* end);
  CellRule ReadCell(const CellExpectation& expected, const char* data, std::size_t size, Column& column);
  CellRule ReadText(const CellExpectation& expected, std::string_view text) const;

  const std::vector<CellExpectation> expectations_;
  const std::uint64_t row_bound_;
  ColumnBatch& batch_;
  bool begun_ = false;
  bool ended_ = false;
  CellRule broken_rule_ = CellRule::kHolds;
  std::size_t broken_column_ = 0;
};

}  // namespace care::connectors
