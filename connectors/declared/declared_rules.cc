#include "connectors/declared/declared_rules.h"

#include <limits>

#include "engine/types/double_text.h"

namespace care::connectors {

DeclaredRules::DeclaredRules(const DataType& type) : type_(type), range_(RangeOfType(type)) {}

DeclaredRules::DeclaredRules(const planner::CatalogColumn& column)
    : type_(column.type), nullable_(column.nullable), is_float_(column.shown_as != TypeKind::kUnknown), range_(RangeOfColumn(column)) {
  if (!column.domain.empty()) domain_ = &column.domain;
}

CellRule DeclaredRules::Number(const Decimal& number, std::int64_t& value) const {
  Int128 unscaled = number.unscaled;
  if (number.scale != type_.scale) {
    const absl::StatusOr<Decimal> scaled = RescaleDecimal(number, type_.scale);
    if (!scaled.ok() || (!is_float_ && CompareDecimals(*scaled, number) != 0)) return CellRule::kDecimal;
    unscaled = scaled->unscaled;
  }
  if (unscaled > range_.max || unscaled < range_.min) return CellRule::kRange;
  value = static_cast<std::int64_t>(unscaled);
  return CellRule::kHolds;
}

CellRule DeclaredRules::Float(double number, std::int64_t& value) const {
  if (!is_float_) return CellRule::kFloatingPoint;
  const absl::StatusOr<Decimal> decimal = DecimalOfDouble(number, std::numeric_limits<double>::digits10);
  // Beyond 38 digits it is a number next to zero, or one that no range holds.
  if (!decimal.ok() && !(number > -1 && number < 1)) return CellRule::kRange;
  return Number(decimal.ok() ? *decimal : Decimal{0, 0}, value);
}

CellRule DeclaredRules::Text(std::string_view text) const {
  if (domain_ != nullptr) {
    for (const std::string& member : *domain_) {
      if (member == text) return CellRule::kHolds;
    }
    return CellRule::kDomain;
  }
  const std::int64_t characters = CountCharacters(text);
  // No owner's text may hold a zero byte: PostgreSQL knows none, and shared texts are padded with them.
  if (characters < 0 || text.find('\0') != std::string_view::npos) return CellRule::kText;
  if (type_.max_length > 0 && characters > type_.max_length) return CellRule::kLength;
  return CellRule::kHolds;
}

}  // namespace care::connectors
