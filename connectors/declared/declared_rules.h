// connectors/declared/declared_rules.h
//
// The rules of one column, applied to a cell that has the form of its type already, whichever database it came from:
// so that a row that one owner's database may hold may be held by another's.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "connectors/declared/cell_rule.h"
#include "engine/types/decimal.h"
#include "planner/catalog/catalog.h"

namespace care::connectors {

class DeclaredRules {
 public:
  explicit DeclaredRules(const planner::CatalogColumn& column);
  // Of a computed column: only that the value fits its type.
  explicit DeclaredRules(const DataType& type);

  CellRule Null() const { return nullable_ ? CellRule::kHolds : CellRule::kNull; }
  // A whole number as ColumnBatch stores it: days, or unscaled.
  CellRule Integer(std::int64_t value) const {
    return value < range_.min || value > range_.max ? CellRule::kRange : CellRule::kHolds;
  }
  // A number of any scale; `value` is then unscaled at the type's scale. A digit beyond that scale would be rounded
  // away: it is refused rather than the data changed, unless the column is of floating point.
  CellRule Number(const Decimal& number, std::int64_t& value) const;
  // A floating-point number: of a column that is declared as that, rounded to its decimals (half away from zero, as
  // round(x::numeric, s) does); NaN and the infinities are outside every range.
  CellRule Float(double number, std::int64_t& value) const;
  bool is_float() const { return is_float_; }
  // UTF-8, length or domain.
  CellRule Text(std::string_view text) const;

 private:
  DataType type_;
  bool nullable_ = true;
  bool is_float_ = false;  // computed as a NUMERIC to which values are rounded
  StoredRange range_;
  const std::vector<std::string>* domain_ = nullptr;
};

}  // namespace care::connectors
