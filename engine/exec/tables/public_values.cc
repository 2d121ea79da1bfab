#include "engine/exec/tables/public_values.h"

#include <algorithm>
#include <bit>
#include <optional>

#include "engine/types/decimal.h"
#include "engine/types/status_macros.h"

namespace care::engine {
namespace {

absl::Status DoesNotFit() {
  return absl::InvalidArgumentError("a public domain has a value that its column does not hold");
}

// The stored integer.
std::optional<std::int64_t> Stored(const Value& value, unsigned scale) {
  if (const auto* flag = std::get_if<bool>(&value)) return *flag ? 1 : 0;
  if (const auto* date = std::get_if<Date>(&value)) return date->days;
  if (const auto* timestamp = std::get_if<Timestamp>(&value)) return timestamp->microseconds;
  Decimal decimal;
  if (const auto* integer = std::get_if<std::int64_t>(&value)) {
    decimal.unscaled = *integer;
  } else if (const auto* number = std::get_if<Decimal>(&value)) {
    decimal = *number;
  } else {
    return std::nullopt;
  }
  const absl::StatusOr<Decimal> scaled = RescaleDecimal(decimal, static_cast<int>(scale));
  if (!scaled.ok() || CompareDecimals(*scaled, decimal) != 0) return std::nullopt;
  const auto stored = static_cast<std::int64_t>(scaled->unscaled);
  return Int128{stored} == scaled->unscaled ? std::optional(stored) : std::nullopt;
}

absl::Status Encode(const Value& value, std::size_t row, const planner::SharedValueShape& shape,
                    unsigned scale, mpc::BitPlanes& planes) {
  std::uint64_t number = 0;
  switch (shape.kind) {
    case planner::ValueKind::kBytes: {
      const auto* text = std::get_if<std::string>(&value);
      if (text == nullptr || text->size() * 8 > shape.width) return DoesNotFit();
      for (std::size_t byte = 0; byte < text->size(); ++byte) {
        for (unsigned bit = 0; bit < 8; ++bit) {
          const unsigned plane = shape.width - 8 * (static_cast<unsigned>(byte) + 1) + bit;
          planes.Set(row, plane, (static_cast<unsigned char>((*text)[byte]) >> bit & 1) != 0);
        }
      }
      return absl::OkStatus();
    }
    case planner::ValueKind::kCode: {
      const auto* text = std::get_if<std::string>(&value);
      if (text == nullptr) return DoesNotFit();
      const auto place = std::ranges::lower_bound(shape.domain, *text);
      if (place == shape.domain.end() || *place != *text) return DoesNotFit();
      number = static_cast<std::uint64_t>(place - shape.domain.begin());
      break;
    }
    case planner::ValueKind::kHash:
      return absl::InvalidArgumentError("a text of unknown length has no public domain");
    case planner::ValueKind::kBoolean:
    case planner::ValueKind::kInteger: {
      const std::optional<std::int64_t> stored = Stored(value, scale);
      if (!stored || *stored < shape.base) return DoesNotFit();
      number = static_cast<std::uint64_t>(*stored) - static_cast<std::uint64_t>(shape.base);
      break;
    }
  }
  if (static_cast<unsigned>(std::bit_width(number)) > shape.width) return DoesNotFit();
  for (unsigned plane = 0; plane < shape.width; ++plane) planes.Set(row, plane, (number >> plane & 1) != 0);
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<mpc::BitPlanes> EncodePublicValues(std::span<const Value> values,
                                                  const planner::SharedValueShape& shape, unsigned scale) {
  mpc::BitPlanes planes(values.size(), shape.width);
  for (std::size_t row = 0; row < values.size(); ++row) {
    if (IsNull(values[row])) continue;
    CARE_RETURN_IF_ERROR(Encode(values[row], row, shape, scale, planes));
  }
  return planes;
}

}  // namespace care::engine
