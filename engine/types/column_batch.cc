#include "engine/types/column_batch.h"

#include <bit>

#include "engine/types/check.h"

namespace care {

Value Column::At(std::size_t row) const {
  if (IsNull(row)) return Null{};
  switch (type.kind) {
    case TypeKind::kBoolean:
      return integers[row] != 0;
    case TypeKind::kNumeric:
      return Decimal{integers[row], type.scale};
    case TypeKind::kDate:
      return Date{static_cast<std::int32_t>(integers[row])};
    case TypeKind::kTimestamp:
    case TypeKind::kTimestampTz:
      return Timestamp{integers[row], type.kind == TypeKind::kTimestampTz};
    case TypeKind::kText:
      return std::string(texts[row]);
    case TypeKind::kDouble:
      return std::bit_cast<double>(integers[row]);
    case TypeKind::kReal:
      return std::bit_cast<float>(static_cast<std::int32_t>(integers[row]));
    default:
      return integers[row];
  }
}

void Column::Append(const Value& value) {
  const bool null = care::IsNull(value);
  if (null && nulls.empty()) nulls.resize(size(), 0);
  if (type.kind == TypeKind::kText) {
    texts.Append(null ? std::string_view() : std::string_view(std::get<std::string>(value)));
  } else if (null) {
    integers.push_back(0);
  } else if (type.kind == TypeKind::kBoolean) {
    integers.push_back(std::get<bool>(value) ? 1 : 0);
  } else if (type.kind == TypeKind::kDate) {
    integers.push_back(std::get<Date>(value).days);
  } else if (type.IsTimestamp()) {
    integers.push_back(std::get<Timestamp>(value).microseconds);
  } else if (type.kind == TypeKind::kNumeric) {
    const auto& decimal = std::get<Decimal>(value);
    CARE_CHECK(decimal.scale == type.scale);
    integers.push_back(static_cast<std::int64_t>(decimal.unscaled));
  } else if (type.kind == TypeKind::kDouble) {
    integers.push_back(std::bit_cast<std::int64_t>(std::get<double>(value)));
  } else if (type.kind == TypeKind::kReal) {
    integers.push_back(std::bit_cast<std::int32_t>(std::get<float>(value)));
  } else {
    integers.push_back(std::get<std::int64_t>(value));
  }
  if (null || !nulls.empty()) nulls.push_back(null ? 1 : 0);
}

int ColumnBatch::FindColumn(std::string_view name) const {
  for (std::size_t i = 0; i < columns.size(); ++i) {
    if (columns[i].name == name) return static_cast<int>(i);
  }
  return -1;
}

}  // namespace care
