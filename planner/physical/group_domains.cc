#include "planner/physical/group_domains.h"

namespace care::planner {

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
  if (info.type.IsInteger() && info.min && info.max && *info.max - *info.min < kMaxIntegerDomain) {
    for (std::int64_t value = *info.min; value <= *info.max; ++value) domain.values.emplace_back(value);
    return domain;
  }
  return std::nullopt;
}

}  // namespace care::planner
