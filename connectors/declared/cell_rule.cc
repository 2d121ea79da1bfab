#include "connectors/declared/cell_rule.h"

#include <algorithm>
#include <limits>

#include "absl/strings/str_cat.h"
#include "engine/types/check.h"

namespace care::connectors {
namespace {

std::int64_t PowerOfTen(int exponent) {
  std::int64_t power = 1;
  for (int i = 0; i < exponent; ++i) power *= 10;
  return power;
}

}  // namespace

StoredRange RangeOfType(const DataType& type) {
  switch (type.kind) {
    case TypeKind::kSmallInt:
      return {std::numeric_limits<std::int16_t>::min(), std::numeric_limits<std::int16_t>::max()};
    case TypeKind::kInteger:
      return {std::numeric_limits<std::int32_t>::min(), std::numeric_limits<std::int32_t>::max()};
    case TypeKind::kNumeric:
      if (type.precision > 0 && type.precision <= 18) {
        const std::int64_t limit = PowerOfTen(type.precision) - 1;
        return {-limit, limit};
      }
      [[fallthrough]];
    default:
      return {std::numeric_limits<std::int64_t>::min(), std::numeric_limits<std::int64_t>::max()};
  }
}

StoredRange RangeOfColumn(const planner::CatalogColumn& column) {
  StoredRange range = RangeOfType(column.type);
  if (column.min) range.min = std::max(range.min, *column.min);
  if (column.max) range.max = std::min(range.max, *column.max);
  return range;
}

std::string_view RuleName(CellRule rule) {
  switch (rule) {
    case CellRule::kHolds:
      return "holds";
    case CellRule::kNull:
      return "not NULL";
    case CellRule::kFloatingPoint:
      return "exact";
    case CellRule::kStorage:
      return "type";
    case CellRule::kBoolean:
      return "boolean";
    case CellRule::kWhole:
      return "whole number";
    case CellRule::kDate:
      return "date";
    case CellRule::kDecimal:
      return "digits";
    case CellRule::kRange:
      return "range";
    case CellRule::kDomain:
      return "domain";
    case CellRule::kLength:
      return "length";
    case CellRule::kText:
      return "UTF-8";
    case CellRule::kBsn:
      return "bsn";
    case CellRule::kTimestamp:
      return "timestamp";
  }
  CARE_CHECK(false);
}

absl::Status BrokenRule(CellRule rule, const std::string& column, const std::string& party) {
  const auto data = [&](const char* what, const char* remedy) {
    return absl::FailedPreconditionError(absl::StrCat(column, ": ", what, "; ", party, " should ", remedy));
  };
  switch (rule) {
    case CellRule::kHolds:
      return absl::OkStatus();
    case CellRule::kNull:
      return data("a value is NULL, and the column is declared NOT NULL", "correct its data or declare it nullable");
    case CellRule::kFloatingPoint:
      return data("a value is stored as a floating-point number, which is not exact",
                  "store it as decimal text or as a scaled integer");
    case CellRule::kStorage:
      return data("a value is not stored as its declared type", "correct its data or its [tables] mapping");
    case CellRule::kBoolean:
      return data("a value is not stored as 0 or 1", "correct its data or its [tables] mapping");
    case CellRule::kDate:
      return data("a value is not a date written YYYY-MM-DD", "correct its data or its [tables] mapping");
    case CellRule::kDecimal:
      return data("a value is not a decimal number of the declared digits", "correct its data or declare more digits");
    case CellRule::kRange:
      return data("a value is outside its declared range", "correct its data or agree on a wider range");
    case CellRule::kDomain:
      return data("a value is outside its declared domain", "correct its data or agree on a wider domain");
    case CellRule::kLength:
      return data("a text is longer than declared", "correct its data or declare a longer type");
    case CellRule::kText:
      return data("a text is not valid UTF-8, or holds a zero byte", "correct its data");
    case CellRule::kWhole:
      return data("a text is not a whole number", "correct its data or write trim = true for its column");
    case CellRule::kTimestamp:
      return data("a value is not a timestamp written YYYY-MM-DD HH:MM:SS (with its offset, such as +00, where the column is timestamptz)",
                  "correct its data or its [tables] mapping");
    case CellRule::kBsn:
      return data("a value is not a bsn (at most nine digits that pass the eleven-test)",
                  "correct its data or write on_violation for its column");
  }
  CARE_CHECK(false);
}

}  // namespace care::connectors
