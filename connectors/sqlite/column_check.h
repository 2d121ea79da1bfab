// connectors/sqlite/column_check.h
//
// The declared rules of one column, applied to one cell as SQLite stores it. The same code reads cells that are
// fetched and judges cells that a pushed-down fragment only aggregates, so that both accept the same data. It takes
// fewer forms than a CellReader does: those with which SQLite computes exactly.
#pragma once

#include <cstdint>
#include <string_view>

#include "connectors/declared/declared_rules.h"
#include "planner/catalog/catalog.h"

namespace care::connectors {

// One cell as SQLite stores it.
struct StoredCell {
  int storage = 0;  // SQLITE_INTEGER, SQLITE_FLOAT, SQLITE_TEXT, SQLITE_BLOB, SQLITE_NULL
  std::int64_t integer = 0;
  std::string_view text;
  double number = 0;
};

// How a column's values look in SQLite's answer.
enum class CellForm : std::uint8_t { kBoolean, kInteger, kDate, kNativeDecimal, kText, kTimestamp, kTimestampTz };

CellForm FormOf(const DataType& type, bool native_decimal);

class ColumnCheck {
 public:
  // Of a column of data: all its declared rules.
  ColumnCheck(const planner::CatalogColumn& column, CellForm form);
  // Of a computed column: only that the value has its type's form.
  ColumnCheck(const DataType& type, CellForm form);

  // Reads a cell. `value` is what ColumnBatch stores (0 for NULL and text); `null` says whether it is NULL.
  CellRule Read(const StoredCell& cell, std::int64_t& value, bool& null) const;

  CellForm form() const { return form_; }

 private:
  CellForm form_;
  DeclaredRules rules_;
};

}  // namespace care::connectors
