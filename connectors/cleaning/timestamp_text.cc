#include "connectors/cleaning/timestamp_text.h"

#include "engine/types/date.h"
#include "engine/types/timestamp.h"

namespace care::connectors {
namespace {

// Takes `count` digits off the front; -1 if they are not there.
int TakeDigits(std::string_view& text, std::size_t count) {
  if (text.size() < count) return -1;
  int value = 0;
  for (std::size_t i = 0; i < count; ++i) {
    if (text[i] < '0' || text[i] > '9') return -1;
    value = value * 10 + (text[i] - '0');
  }
  text.remove_prefix(count);
  return value;
}

bool Take(std::string_view& text, char wanted) {
  if (text.empty() || text[0] != wanted) return false;
  text.remove_prefix(1);
  return true;
}

// Microseconds after the second.
std::optional<std::int64_t> TakeFraction(std::string_view& text, Fraction fraction) {
  std::int64_t micros = 0;
  std::int64_t unit = kMicrosecondsOfSecond / 10;
  std::size_t digits = 0;
  for (; digits < text.size() && text[digits] >= '0' && text[digits] <= '9'; ++digits, unit /= 10) {
    micros += unit * (text[digits] - '0');
  }
  if (digits == 0) return std::nullopt;
  if (digits > 6 && fraction == Fraction::kRounded) micros = MicrosecondsOfFraction(text.substr(0, digits));
  text.remove_prefix(digits);
  return micros;
}

// Seconds east of Greenwich; the whole of `text` must be an offset.
std::optional<std::int64_t> ReadOffset(std::string_view text) {
  if (text == "Z" || text == "z") return 0;
  const bool west = Take(text, '-');
  if (!west && !Take(text, '+')) return std::nullopt;
  const int hours = TakeDigits(text, 2);
  if (hours < 0 || hours > 15) return std::nullopt;
  int minutes = 0;
  if (!text.empty()) {
    Take(text, ':');
    minutes = TakeDigits(text, 2);
  }
  if (minutes < 0 || minutes > 59 || !text.empty()) return std::nullopt;
  const std::int64_t seconds = hours * 3600 + minutes * 60;
  return west ? -seconds : seconds;
}

}  // namespace

std::optional<RawCell> ReadTimestampText(std::string_view text, Fraction fraction) {
  const absl::StatusOr<std::int32_t> days = ParseDate(text.substr(0, 10));
  if (!days.ok()) return std::nullopt;
  if (text.size() == 10) return RawCell{.kind = RawCell::Kind::kDate, .integer = *days, .decimal = {}, .text = {}};
  text.remove_prefix(10);
  if (!Take(text, ' ') && !Take(text, 'T') && !Take(text, 't')) return std::nullopt;
  const int hours = TakeDigits(text, 2);
  const bool colon = Take(text, ':');
  const int minutes = TakeDigits(text, 2);
  if (!colon || hours < 0 || hours > 23 || minutes < 0 || minutes > 59) return std::nullopt;
  int seconds = 0;
  std::int64_t micros = 0;
  if (Take(text, ':')) {
    seconds = TakeDigits(text, 2);
    if (seconds < 0 || seconds > 59) return std::nullopt;
    if (Take(text, '.')) {
      const std::optional<std::int64_t> taken = TakeFraction(text, fraction);
      if (!taken.has_value()) return std::nullopt;
      micros = *taken;
    }
  }
  RawCell cell;
  cell.kind = RawCell::Kind::kLocal;
  cell.integer =
      (std::int64_t{*days} * 86'400 + hours * 3'600 + minutes * 60 + seconds) * kMicrosecondsOfSecond + micros;
  if (text.empty()) return cell;
  Take(text, ' ');
  const std::optional<std::int64_t> offset = ReadOffset(text);
  if (!offset.has_value()) return std::nullopt;
  cell.kind = RawCell::Kind::kInstant;
  cell.integer -= *offset * kMicrosecondsOfSecond;
  return cell;
}

}  // namespace care::connectors
