#include "connectors/cleaning/row_order.h"

#include "connectors/declared/text_form.h"
#include "connectors/cleaning/timestamp_text.h"
#include "engine/types/timestamp.h"

namespace care::connectors {
void RowOrder::AddRow(const RawCell& raw) {
  RawCell cell = raw;
  Place place;
  std::string_view text;
  if (raw.kind == RawCell::Kind::kText) {
    const std::string_view trimmed = TrimWhiteSpace(raw.text);
    if (const absl::StatusOr<Decimal> number = ParseDecimal(trimmed); number.ok()) {
      cell.kind = RawCell::Kind::kDecimal;
      cell.decimal = *number;
    } else if (const std::optional<RawCell> time = ReadTimestampText(trimmed); time.has_value()) {
      cell = *time;
    }
  }
  switch (cell.kind) {
    case RawCell::Kind::kNull:
      place.kind = Kind::kNull;
      break;
    case RawCell::Kind::kBoolean:
    case RawCell::Kind::kInteger:
      place.kind = Kind::kNumber;
      place.number.unscaled = cell.integer;
      break;
    case RawCell::Kind::kDecimal:
      place.kind = Kind::kNumber;
      place.number = cell.decimal;
      break;
    case RawCell::Kind::kDate:
      place.kind = Kind::kLocal;
      place.number.unscaled = static_cast<Int128>(cell.integer) * kMicrosecondsOfDay;
      break;
    case RawCell::Kind::kLocal:
      place.kind = Kind::kLocal;
      place.number.unscaled = cell.integer;
      break;
    case RawCell::Kind::kInstant:
      place.kind = Kind::kInstant;
      place.number.unscaled = cell.integer;
      break;
    case RawCell::Kind::kText:
      place.kind = Kind::kText;
      text = cell.text;
      break;
    case RawCell::Kind::kFloat:
    case RawCell::Kind::kOther:
      place.kind = Kind::kOther;
      break;
  }
  places_.push_back(place);
  texts_.Append(text);
}

bool RowOrder::IsBefore(std::size_t a, std::size_t b) const {
  const Place& left = places_[a];
  const Place& right = places_[b];
  if (left.kind != right.kind) return left.kind < right.kind;
  if (left.kind == Kind::kText) return texts_[a] < texts_[b];
  return CompareDecimals(left.number, right.number) < 0;
}

}  // namespace care::connectors
