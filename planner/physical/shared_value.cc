#include "planner/physical/shared_value.h"

#include <algorithm>
#include <bit>
#include <optional>

#include "absl/strings/str_cat.h"
#include "engine/types/timestamp.h"
#include "planner/logical/column_facts.h"

namespace care::planner {
namespace {

constexpr unsigned kMostTextBytes = 1024;

unsigned WidthOf(std::uint64_t most) { return std::max(1u, static_cast<unsigned>(std::bit_width(most))); }

}  // namespace

absl::StatusOr<SharedValueShape> ShapeOfColumn(const ColumnInfo& column) {
  SharedValueShape shape{.nullable = column.nullable};
  switch (column.type.kind) {
    case TypeKind::kBoolean:
      shape.kind = ValueKind::kBoolean;
      return shape;
    case TypeKind::kText: {
      if (!column.domain.empty()) {
        shape.kind = ValueKind::kCode;
        shape.domain = column.domain;
        std::sort(shape.domain.begin(), shape.domain.end());
        shape.width = WidthOf(shape.domain.size() - 1);
        return shape;
      }
      const unsigned bytes = column.max_bytes != 0 ? column.max_bytes : 4u * column.type.max_length;
      if (bytes == 0 || bytes > kMostTextBytes) {
        shape.kind = ValueKind::kHash;
        shape.width = kHashBits;
        return shape;
      }
      shape.kind = ValueKind::kBytes;
      shape.width = 8 * bytes;
      return shape;
    }
    case TypeKind::kSmallInt:
    case TypeKind::kInteger:
    case TypeKind::kBigInt:
    case TypeKind::kNumeric:
    case TypeKind::kTimestamp:
    case TypeKind::kTimestampTz:
    case TypeKind::kDate: {
      std::optional<std::int64_t> low = column.min;
      std::optional<std::int64_t> high = column.max;
      if (column.type.kind == TypeKind::kDate) {
        low = low.value_or(-719162);  // years 1 to 9999
        high = high.value_or(2932896);
      } else if (column.type.IsTimestamp()) {
        low = low.value_or(kFirstTimestamp);
        high = high.value_or(kLastTimestamp);
      } else if (const std::optional<IntegerRange> range = RangeOfType(column.type); range) {
        if (!low) low = static_cast<std::int64_t>(range->low);
        if (!high) high = static_cast<std::int64_t>(range->high);
      }
      if (!low || !high) {
        return absl::InvalidArgumentError(absl::StrCat(
            "the declared ranges do not prove that \"", column.name, "\" fits 63 bits"));
      }
      shape.base = *low;
      shape.width = WidthOf(static_cast<std::uint64_t>(*high) - static_cast<std::uint64_t>(*low));
      return shape;
    }
    case TypeKind::kUnknown:
    case TypeKind::kInterval:
    case TypeKind::kDouble:
    case TypeKind::kReal:
      break;
  }
  return absl::InvalidArgumentError(
      absl::StrCat("a value of type ", column.type.ToString(), " cannot be computed with jointly"));
}

std::string_view WhatToDeclare(const ColumnInfo& column) {
  if (column.type.IsFloat()) return "compute it last, from sums and counts of the outermost SELECT";
  return "owners declare `min` and `max` of their columns in the federation file; constants bound a value too, as in LEAST(x, 1000)";
}

}  // namespace care::planner
