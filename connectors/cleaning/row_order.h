// connectors/cleaning/row_order.h
//
// An owner's column that says which of several rows came first: numbers by value, times by when they are, text by its
// bytes, NULL last. An export has only text, so text that is a number or a time is one. Of different kinds: numbers,
// times on the owner's clock, instants, text.
#pragma once

#include <cstdint>
#include <vector>

#include "connectors/cleaning/raw_cell.h"
#include "engine/types/column_batch.h"

namespace care::connectors {

class RowOrder {
 public:
  void AddRow(const RawCell& cell);
  bool IsBefore(std::size_t a, std::size_t b) const;

 private:
  enum class Kind : std::uint8_t { kNumber, kLocal, kInstant, kText, kOther, kNull };
  struct Place {
    Kind kind = Kind::kNull;
    Decimal number;  // of a time, microseconds
  };
  std::vector<Place> places_;
  TextVector texts_;
};

}  // namespace care::connectors
