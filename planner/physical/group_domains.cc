#include "planner/physical/group_domains.h"

namespace care::planner {

namespace {

bool IsShort(std::int64_t min, std::int64_t max) {
  return static_cast<std::uint64_t>(max) - static_cast<std::uint64_t>(min) < static_cast<std::uint64_t>(kMaxIntegerDomain);
}

}  // namespace

std::optional<GroupDomain> DomainOf(ColumnId column, const ColumnInfo& info) {
  GroupDomain domain{.column = column, .values = {}, .has_null = info.nullable};
  if (info.type.kind == TypeKind::kBoolean) {
    domain.values = {Value(false), Value(true)};
    return domain;
  }
  if (info.type.kind == TypeKind::kText && !info.domain.empty()) {
    for (const std::string& value : info.domain) domain.values.emplace_back(value);
    return domain;
  }
  if (info.type.IsInteger() && info.min && info.max && IsShort(*info.min, *info.max)) {
    for (std::int64_t value = *info.min; value <= *info.max; ++value) domain.values.emplace_back(value);
    return domain;
  }
  return std::nullopt;
}

std::optional<GroupDomain> SlotDomainOf(ColumnId column, const ColumnInfo& info) {
  if (std::optional<GroupDomain> domain = DomainOf(column, info)) return domain;
  const bool is_date = info.type.kind == TypeKind::kDate;
  if ((info.type.kind != TypeKind::kNumeric && !is_date) || !info.min || !info.max || !IsShort(*info.min, *info.max))
    return std::nullopt;
  GroupDomain domain{.column = column, .values = {}, .has_null = info.nullable};
  for (std::int64_t stored = *info.min; stored <= *info.max; ++stored) {
    if (is_date) {
      domain.values.emplace_back(Date{static_cast<std::int32_t>(stored)});
    } else {
      domain.values.emplace_back(Decimal{stored, info.type.scale});
    }
  }
  return domain;
}

}  // namespace care::planner
