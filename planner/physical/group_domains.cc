#include "planner/physical/group_domains.h"

#include "engine/types/date.h"
#include "engine/types/timestamp.h"

namespace care::planner {

namespace {

bool IsShort(std::int64_t min, std::int64_t max) {
  return static_cast<std::uint64_t>(max) - static_cast<std::uint64_t>(min) < static_cast<std::uint64_t>(kMaxIntegerDomain);
}

// The starts of all periods from the first to the last.
std::optional<GroupDomain> PeriodsOf(ColumnId column, const ColumnInfo& info) {
  if (!info.min || !info.max || *info.min > *info.max) return std::nullopt;
  const bool is_date = info.type.kind == TypeKind::kDate;
  const auto day_of = [&](std::int64_t stored) { return is_date ? static_cast<std::int32_t>(stored) : DayOf(stored); };
  const std::optional<std::int32_t> first = StartOfPeriod(info.period, day_of(*info.min));
  if (!first) return std::nullopt;
  GroupDomain domain{.column = column, .values = {}, .has_null = info.nullable};
  for (std::int32_t day = *first; day <= day_of(*info.max); day = NextPeriod(info.period, day)) {
    if (domain.values.size() == static_cast<std::size_t>(kMaxIntegerDomain)) return std::nullopt;
    if (is_date) {
      domain.values.emplace_back(Date{day});
    } else {
      domain.values.emplace_back(Timestamp{std::int64_t{day} * kMicrosecondsOfDay, info.type.kind == TypeKind::kTimestampTz});
    }
  }
  return domain;
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
  if (!info.period.empty()) return PeriodsOf(column, info);
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
