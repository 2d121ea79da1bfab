// connectors/declared/cell_rule.h
//
// What a federation file can declare about a cell, by number, and what to say when one breaks it. The numbers
// travel through the owner's database, whose statements count what breaks a rule.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "connectors/declared/text_form.h"
#include "planner/catalog/catalog.h"

namespace care::connectors {

enum class CellRule : std::uint8_t {
  kHolds = 0,
  kNull,
  kFloatingPoint,
  kStorage,
  kBoolean,
  kDate,
  kDecimal,
  kRange,
  kDomain,
  kLength,
  kText,
  kWhole,
  kBsn,
  kTimestamp,
};

// Bounds of the stored integer: the type's, narrowed by the column's declared ones.
struct StoredRange {
  std::int64_t min;
  std::int64_t max;
};
StoredRange RangeOfType(const DataType& type);
StoredRange RangeOfColumn(const planner::CatalogColumn& column);

// A few words for reports: "not NULL", "range".
std::string_view RuleName(CellRule rule);

// "hospital.patients.index_date: a value is outside its declared range ...": rule and remedy, never a value.
absl::Status BrokenRule(CellRule rule, const std::string& column, const std::string& party);

}  // namespace care::connectors
