#include "engine/exec/local/stored_value.h"

#include <limits>

#include "engine/types/status_macros.h"

namespace care::engine {

absl::Status AppendStored(const Value& value, Column& column) {
  const DataType& type = column.type;
  if (type.kind != TypeKind::kNumeric || IsNull(value)) {
    column.Append(value);
    return absl::OkStatus();
  }
  const auto* integer = std::get_if<std::int64_t>(&value);
  const Decimal decimal = integer != nullptr ? Decimal{*integer, 0} : std::get<Decimal>(value);
  CARE_ASSIGN_OR_RETURN(const Decimal scaled, RescaleDecimal(decimal, type.scale));
  if (CompareDecimals(scaled, decimal) != 0) {
    return absl::OutOfRangeError("a numeric has more digits after the point than its column holds");
  }
  if (scaled.unscaled < std::numeric_limits<std::int64_t>::min() ||
      scaled.unscaled > std::numeric_limits<std::int64_t>::max()) {
    return absl::OutOfRangeError("a numeric does not fit its column of 64 bits");
  }
  column.Append(scaled);
  return absl::OkStatus();
}

}  // namespace care::engine
