// In which form a star query's columns are shared: one that the column's type allows, as wide as what is declared of it, with
// its NULLs.
#include <algorithm>

#include "engine/types/timestamp.h"
#include "planner/logical/column_facts.h"
#include "planner/physical/star_validator.h"

namespace care::planner {
namespace {

// What a column can hold where nothing is declared: of years 1 to 9999, of a numeric at most 61 bits.
IntegerRange TypeRange(const DataType& type) {
  if (type.kind == TypeKind::kBoolean) return {0, 1};
  if (type.kind == TypeKind::kDate) return {-719162, 2932896};
  if (type.IsTimestamp()) return {kFirstTimestamp, kLastTimestamp};
  const IntegerRange widest{-(Int128{1} << 61), (Int128{1} << 61) - 1};
  if (type.kind == TypeKind::kBigInt || type.kind == TypeKind::kNumeric) return widest;
  return RangeOfType(type).value_or(widest);
}

}  // namespace

absl::Status StarValidator::CheckForm(const SharedForm& form, const LocalNode& local, bool may_own) const {
  if (form.column >= plan_.columns.size() || OutputSet(*local.fragment).count(form.column) == 0) {
    return Invalid("a shared column is not the fragment's");
  }
  if (local.key && form.column == *local.key) return Invalid("a join key is shared as a value");
  const ColumnInfo& info = plan_.columns[form.column];
  const bool carries_null = form.null_plane || !info.nullable;
  switch (form.form) {
    case Form::kFlag:
      if (info.type.kind != TypeKind::kBoolean || form.width != 1) return Invalid("a flag is no boolean");
      return carries_null ? absl::OkStatus() : Invalid("a flag that may be NULL has no null plane");
    case Form::kBits:
      if (!carries_null) return Invalid("a compared value that may be NULL has no null plane");
      return CheckWidth(form, info);
    case Form::kOneHot:
      return CheckOneHot(form);
    case Form::kRing:
      if (!info.type.IsExactNumber() || form.width != 64)
        return Invalid("a value of the ring is no exact number");
      return absl::OkStatus();
    case Form::kOwned:
      if (!may_own) return Invalid("only the spine's owner may keep a column to itself");
      return info.type.IsExactNumber() ? absl::OkStatus()
                                       : Invalid("a value of the ring is no exact number");
  }
  return Invalid("unknown form");
}

absl::Status StarValidator::CheckWidth(const SharedForm& form, const ColumnInfo& info) const {
  if (form.width == 0 || form.width > 63) return Invalid("a compared value has no width");
  const auto low = info.min ? Int128{*info.min} : TypeRange(info.type).low;
  const auto high = info.max ? Int128{*info.max} : TypeRange(info.type).high;
  const Int128 top = Int128{form.base} + (Int128{1} << form.width) - 1;
  if (low < form.base || high > top) return Invalid("a compared value does not fit its bits");
  const bool listed = std::any_of(
      plan_.comparison_ranges.begin(), plan_.comparison_ranges.end(), [&](const ComparisonRange& range) {
        return range.base == form.base && range.width == form.width && range.scale == info.type.scale;
      });
  return listed ? absl::OkStatus() : Invalid("a compared value's bits are of no common range");
}

absl::Status StarValidator::CheckOneHot(const SharedForm& form) const {
  const auto& cells = std::get<CellsNode>(plan_.nodes[plan_.nodes.size() - 2]);
  for (const GroupDomain& group : cells.groups) {
    if (group.column != form.column) continue;
    return form.width == group.values.size() ? absl::OkStatus()
                                             : Invalid("one bit a code: the widths differ");
  }
  return Invalid("codes are shared that no group needs");
}

}  // namespace care::planner
