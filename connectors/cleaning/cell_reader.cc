#include "connectors/cleaning/cell_reader.h"

#include <charconv>

#include "absl/strings/match.h"
#include "absl/time/civil_time.h"
#include "connectors/declared/text_form.h"
#include "connectors/cleaning/timestamp_text.h"
#include "engine/types/date.h"
#include "engine/types/numeric_text.h"
#include "engine/types/timestamp.h"

namespace care::connectors {
namespace {

using Kind = RawCell::Kind;

constexpr std::int64_t kFirstDay = -719'162;   // 0001-01-01
constexpr std::int64_t kLastDay = 2'932'896;   // 9999-12-31
constexpr std::size_t kBsnDigits = 9;

CellReading Broken(CellRule rule) { return {.rule = rule, .null = false, .value = 0, .text = {}}; }

std::int64_t FloorDivide(std::int64_t value, std::int64_t unit) {
  return value / unit - (value % unit < 0 ? 1 : 0);
}

bool IsDigits(std::string_view text) {
  for (const char c : text) {
    if (c < '0' || c > '9') return false;
  }
  return !text.empty();
}

// 9*d1 + 8*d2 + ... + 2*d8 - d9 is a multiple of eleven, and not every digit is a zero.
bool PassesElevenTest(std::string_view digits) {
  int sum = 0;
  bool all_zero = true;
  for (std::size_t i = 0; i < kBsnDigits; ++i) {
    const int digit = digits[i] - '0';
    all_zero = all_zero && digit == 0;
    sum += (i + 1 == kBsnDigits ? -1 : 9 - static_cast<int>(i)) * digit;
  }
  return !all_zero && sum % 11 == 0;
}

}  // namespace

CellReader::CellReader(const planner::CatalogColumn& column, planner::KeyFormat format,
                       const planner::ColumnMapping& mapping, absl::TimeZone zone)
    : type_(column.type),
      rules_(column),
      format_(format),
      scaled_(mapping.scaled),
      trim_(mapping.trim),
      nfc_(mapping.nfc),
      zone_(zone) {}

CellReading CellReader::Read(const RawCell& cell) {
  if (cell.kind == Kind::kNull) {
    CellReading reading;
    reading.null = true;
    reading.rule = rules_.Null();
    return reading;
  }
  if (cell.kind == Kind::kFloat) {
    CellReading reading;
    reading.rule = scaled_ ? CellRule::kFloatingPoint : rules_.Float(cell.number, reading.value);
    return reading;
  }
  if (cell.kind == Kind::kOther) return Broken(CellRule::kStorage);
  if (format_ == planner::KeyFormat::kBsn) return ReadBsn(cell);
  switch (type_.kind) {
    case TypeKind::kText:
      return ReadText(cell);
    case TypeKind::kDate:
      return ReadDate(cell);
    case TypeKind::kTimestamp:
    case TypeKind::kTimestampTz:
      return ReadTimestamp(cell);
    case TypeKind::kBoolean:
      return ReadBoolean(cell);
    case TypeKind::kNumeric:
      return ReadNumeric(cell);
    default:
      return ReadWhole(cell);
  }
}

CellReading CellReader::ReadWhole(const RawCell& cell) const {
  CellReading reading;
  if (cell.kind == Kind::kInteger) {
    reading.value = cell.integer;
  } else if (cell.kind == Kind::kDecimal) {
    reading.rule = rules_.Number(cell.decimal, reading.value);
    if (reading.rule == CellRule::kDecimal) reading.rule = CellRule::kWhole;
    return reading;
  } else if (cell.kind == Kind::kText) {
    std::string_view text = trim_ ? TrimWhiteSpace(cell.text) : cell.text;
    const bool has_sign = !text.empty() && (text[0] == '-' || (trim_ && text[0] == '+'));
    const std::string_view digits = has_sign ? text.substr(1) : text;
    if (has_sign && text[0] == '+') text = digits;
    if (!IsDigits(digits) || (!trim_ && digits.size() > 1 && digits[0] == '0')) return Broken(CellRule::kWhole);
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), reading.value);
    if (error != std::errc()) return Broken(CellRule::kRange);
  } else {
    return Broken(CellRule::kStorage);
  }
  reading.rule = rules_.Integer(reading.value);
  return reading;
}

CellReading CellReader::ReadNumeric(const RawCell& cell) const {
  Decimal number;
  if (cell.kind == Kind::kInteger) {
    number.unscaled = cell.integer;
  } else if (cell.kind == Kind::kDecimal) {
    number = cell.decimal;
  } else if (cell.kind == Kind::kText) {
    const std::string_view text = trim_ ? TrimWhiteSpace(cell.text) : cell.text;
    const absl::StatusOr<Decimal> parsed = rules_.is_float() ? ReadNumericText(text) : ParseDecimal(text);
    if (rules_.is_float() && !parsed.ok() && !absl::IsInvalidArgument(parsed.status())) return Broken(CellRule::kRange);  // NaN, 1e300
    if (!parsed.ok()) return Broken(CellRule::kDecimal);
    number = *parsed;
  } else {
    return Broken(CellRule::kStorage);
  }
  CellReading reading;
  if (scaled_) {
    // Whole numbers in units of the last declared digit.
    const absl::StatusOr<Decimal> whole = RescaleDecimal(number, 0);
    if (!whole.ok() || CompareDecimals(*whole, number) != 0) return Broken(CellRule::kDecimal);
    number = Decimal{whole->unscaled, type_.scale};
  }
  reading.rule = rules_.Number(number, reading.value);
  return reading;
}

std::int64_t CellReader::DayOfInstant(std::int64_t micros) {
  if (micros < day_begin_ || micros >= day_end_) {
    // A day has 23 to 25 hours, or begins at one o'clock: only the zone knows.
    const absl::CivilDay day = absl::ToCivilDay(absl::FromUnixMicros(micros), zone_);
    day_ = day - absl::CivilDay(1970, 1, 1);
    const absl::TimeZone::TimeInfo begin = zone_.At(absl::CivilSecond(day));
    const absl::TimeZone::TimeInfo end = zone_.At(absl::CivilSecond(day + 1));
    // Where clocks were set back across midnight a day has two parts: it is not remembered.
    const bool is_whole = begin.kind == absl::TimeZone::TimeInfo::UNIQUE && end.kind == begin.kind;
    day_begin_ = is_whole ? absl::ToUnixMicros(begin.pre) : 0;
    day_end_ = is_whole ? absl::ToUnixMicros(end.pre) : 0;
  }
  return day_;
}

CellReading CellReader::ReadDate(const RawCell& cell) {
  RawCell moment = cell;
  if (cell.kind == Kind::kText) {
    const std::optional<RawCell> read = ReadTimestampText(trim_ ? TrimWhiteSpace(cell.text) : cell.text);
    if (!read.has_value()) return Broken(CellRule::kDate);
    moment = *read;
  }
  CellReading reading;
  switch (moment.kind) {
    case Kind::kDate:
      reading.value = moment.integer;
      break;
    case Kind::kLocal:
      reading.value = FloorDivide(moment.integer, kMicrosecondsOfDay);
      break;
    case Kind::kInstant:
      // A day before and after what a date can be: beyond that the zone need not be asked.
      if (FloorDivide(moment.integer, kMicrosecondsOfDay) < kFirstDay - 1 ||
          FloorDivide(moment.integer, kMicrosecondsOfDay) > kLastDay + 1) {
        return Broken(CellRule::kDate);
      }
      reading.value = DayOfInstant(moment.integer);
      break;
    default:
      return Broken(CellRule::kDate);
  }
  if (reading.value < kFirstDay || reading.value > kLastDay) return Broken(CellRule::kDate);
  reading.rule = rules_.Integer(reading.value);
  return reading;
}

CellReading CellReader::ReadTimestamp(const RawCell& cell) const {
  RawCell moment = cell;
  if (cell.kind == Kind::kText) {
    const std::optional<RawCell> read = ReadTimestampText(trim_ ? TrimWhiteSpace(cell.text) : cell.text, Fraction::kRounded);
    if (!read.has_value()) return Broken(CellRule::kTimestamp);
    moment = *read;
  }
  CellReading reading;
  const bool zoned = type_.kind == TypeKind::kTimestampTz;
  if (!zoned && moment.kind == Kind::kDate) {
    reading.value = moment.integer * kMicrosecondsOfDay;
  } else if (moment.kind == (zoned ? Kind::kInstant : Kind::kLocal)) {
    reading.value = moment.integer;
  } else {
    // An instant is no time on a clock, nor the other way: which zone is meant would be a guess.
    return Broken(CellRule::kTimestamp);
  }
  if (reading.value < kFirstTimestamp || reading.value > kLastTimestamp) return Broken(CellRule::kTimestamp);
  reading.rule = rules_.Integer(reading.value);
  return reading;
}

CellReading CellReader::ReadBoolean(const RawCell& cell) const {
  CellReading reading;
  if (cell.kind == Kind::kBoolean || cell.kind == Kind::kInteger) {
    if (cell.integer < 0 || cell.integer > 1) return Broken(CellRule::kBoolean);
    reading.value = cell.integer;
    return reading;
  }
  if (cell.kind != Kind::kText) return Broken(CellRule::kBoolean);
  const std::string_view text = trim_ ? TrimWhiteSpace(cell.text) : cell.text;
  for (const std::string_view yes : {"t", "true", "1", "y", "yes", "on"}) {
    if (absl::EqualsIgnoreCase({text.data(), text.size()}, {yes.data(), yes.size()})) {
      reading.value = 1;
      return reading;
    }
  }
  for (const std::string_view no : {"f", "false", "0", "n", "no", "off"}) {
    if (absl::EqualsIgnoreCase({text.data(), text.size()}, {no.data(), no.size()})) return reading;
  }
  return Broken(CellRule::kBoolean);
}

CellReading CellReader::ReadText(const RawCell& cell) {
  if (cell.kind != Kind::kText) return Broken(CellRule::kStorage);
  CellReading reading;
  reading.text = trim_ ? TrimWhiteSpace(cell.text) : cell.text;
  if (nfc_ && !IsAscii(reading.text)) {
    if (CountCharacters(reading.text) < 0) return Broken(CellRule::kText);
    reading.text = Compose(reading.text, buffer_);
  }
  reading.rule = rules_.Text(reading.text);
  if (reading.rule != CellRule::kHolds) reading.text = {};
  return reading;
}

CellReading CellReader::ReadBsn(const RawCell& cell) {
  char digits_of_number[24];
  std::string_view digits;
  if (cell.kind == Kind::kText) {
    digits = TrimWhiteSpace(cell.text);
  } else if (cell.kind == Kind::kInteger || cell.kind == Kind::kDecimal) {
    std::int64_t number = cell.integer;
    if (cell.kind == Kind::kDecimal) {
      const absl::StatusOr<Decimal> whole = RescaleDecimal(cell.decimal, 0);
      if (!whole.ok() || CompareDecimals(*whole, cell.decimal) != 0 || whole->unscaled < 0 ||
          whole->unscaled > 999'999'999) {
        return Broken(CellRule::kBsn);
      }
      number = static_cast<std::int64_t>(whole->unscaled);
    }
    const auto end = std::to_chars(digits_of_number, digits_of_number + sizeof digits_of_number, number).ptr;
    digits = {digits_of_number, static_cast<std::size_t>(end - digits_of_number)};
  } else {
    return Broken(CellRule::kBsn);
  }
  if (!IsDigits(digits) || digits.size() > kBsnDigits) return Broken(CellRule::kBsn);
  buffer_.assign(kBsnDigits - digits.size(), '0');
  buffer_.append(digits);
  CellReading reading;
  reading.text = buffer_;
  reading.is_formed = true;
  if (!PassesElevenTest(buffer_)) reading.rule = CellRule::kBsn;
  return reading;
}

}  // namespace care::connectors
