// connectors/sqlite/column_check.h
//
// The declared rules of one column, applied to one cell at a time: storage class, NULL, date format, digits,
// range, domain, length, UTF-8. The same code reads cells that are fetched and judges cells that a pushed-down
// fragment only aggregates, so that both accept the same data.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "connectors/declared/cell_rule.h"
#include "planner/catalog/catalog.h"

namespace care::connectors {

// One cell as SQLite stores it.
struct StoredCell {
  int storage = 0;  // SQLITE_INTEGER, SQLITE_FLOAT, SQLITE_TEXT, SQLITE_BLOB, SQLITE_NULL
  std::int64_t integer = 0;
  std::string_view text;
};

// How a column's values look in SQLite's answer.
enum class CellForm : std::uint8_t { kBoolean, kInteger, kDate, kNativeDecimal, kText };

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
  CellRule ReadText(std::string_view text) const;

  CellForm form_;
  DataType type_;
  bool nullable_ = true;
  std::int64_t min_;
  std::int64_t max_;
  const std::vector<std::string>* domain_ = nullptr;
};

}  // namespace care::connectors
