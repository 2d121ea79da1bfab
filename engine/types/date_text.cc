#include "engine/types/date_text.h"

#include <algorithm>
#include <optional>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "engine/types/date.h"
#include "engine/types/timestamp.h"

namespace care {
namespace {

constexpr std::int32_t kJulianDayOf1970 = 2440588;

absl::Status Malformed() { return absl::InvalidArgumentError("a date is written YYYY-MM-DD"); }

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

// Reads a text from its front.
class Reader {
 public:
  explicit Reader(std::string_view text) : rest_(text) {}

  bool AtEnd() const { return rest_.empty(); }
  std::size_t DigitsAhead() const {
    return static_cast<std::size_t>(std::find_if_not(rest_.begin(), rest_.end(), IsDigit) - rest_.begin());
  }
  std::int32_t Number(std::size_t digits) {
    std::int32_t number = 0;
    for (const char c : rest_.substr(0, digits)) number = number * 10 + (c - '0');
    rest_.remove_prefix(digits);
    return number;
  }
  std::optional<std::int32_t> Number(std::size_t least, std::size_t most) {
    const std::size_t digits = DigitsAhead();
    if (digits < least || digits > most) return std::nullopt;
    return Number(digits);
  }
  bool Take(std::string_view any_of) {
    if (rest_.empty() || any_of.find(rest_[0]) == std::string_view::npos) return false;
    rest_.remove_prefix(1);
    return true;
  }
  std::string_view Rest() const { return rest_; }
  char Peek() const { return rest_.empty() ? '\0' : rest_[0]; }

 private:
  std::string_view rest_;
};

absl::StatusOr<std::int32_t> Day(std::int32_t year, std::int32_t month, std::int32_t day) {
  if (year < 1 || year > 9999 || month < 1 || month > 12 || day < 1 || day > DaysInMonth(year, month))
    return absl::InvalidArgumentError("no such day in the calendar");
  return DaysFromCivil({year, month, day});
}

absl::StatusOr<std::int32_t> DayOfYear(std::int32_t year, std::int32_t day) {
  if (year < 1 || day < 1) return absl::InvalidArgumentError("no such day in the calendar");
  const std::int32_t first = DaysFromCivil({year, 1, 1});
  if (first + day > DaysFromCivil({year + 1, 1, 1}))
    return absl::InvalidArgumentError("no such day in the calendar");
  return first + day - 1;
}

absl::StatusOr<std::int32_t> ReadDay(Reader& reader) {
  const std::size_t digits = reader.DigitsAhead();
  if (digits == 8) {
    const std::int32_t number = reader.Number(digits);
    return Day(number / 10000, number / 100 % 100, number % 100);
  }
  if (digits == 6) {
    const std::int32_t number = reader.Number(digits), year = number / 10000;
    return Day(year + (year < 70 ? 2000 : 1900), number / 100 % 100, number % 100);
  }
  if (digits != 4) return Malformed();
  const std::int32_t year = reader.Number(digits);
  const char separator = reader.Peek();
  if (!reader.Take("-/.")) return Malformed();
  if (reader.DigitsAhead() == 3 && separator != '/') return DayOfYear(year, reader.Number(3));
  const std::optional<std::int32_t> month = reader.Number(1, 2);
  if (!month || separator == '.' || !reader.Take(std::string_view(&separator, 1))) return Malformed();
  const std::optional<std::int32_t> day = reader.Number(1, 2);
  if (!day) return Malformed();
  return Day(year, *month, *day);
}

// HH:MM[:SS[.fraction]] or HHMM[SS].
bool SkipTime(Reader& reader) {
  std::int32_t hours = 0, minutes = 0, seconds = 0;
  if (reader.DigitsAhead() == 4 || reader.DigitsAhead() == 6) {
    if (reader.DigitsAhead() == 6) {
      const std::int32_t number = reader.Number(6);
      hours = number / 10000, minutes = number / 100 % 100, seconds = number % 100;
    } else {
      const std::int32_t number = reader.Number(4);
      hours = number / 100, minutes = number % 100;
    }
  } else {
    const std::optional<std::int32_t> hour = reader.Number(1, 2);
    if (!hour || !reader.Take(":")) return false;
    const std::optional<std::int32_t> minute = reader.Number(2, 2);
    if (!minute) return false;
    hours = *hour, minutes = *minute;
    if (reader.Take(":")) {
      const std::optional<std::int32_t> second = reader.Number(2, 2);
      if (!second) return false;
      seconds = *second;
    }
  }
  if (reader.Take(".") && !reader.Number(1, 9)) return false;
  return hours < 24 ? minutes < 60 && seconds < 60 : hours == 24 && minutes == 0 && seconds == 0;
}

}  // namespace

absl::StatusOr<std::int32_t> ReadDateText(std::string_view text) {
  const absl::string_view trimmed = absl::StripAsciiWhitespace(absl::string_view(text.data(), text.size()));
  Reader reader(std::string_view(trimmed.data(), trimmed.size()));
  if (reader.Take("Jj")) {
    const std::optional<std::int32_t> number = reader.Number(1, 8);
    if (!number || !reader.AtEnd()) return Malformed();
    const std::int32_t days = *number - kJulianDayOf1970;
    if (days < DaysFromCivil({1, 1, 1}) || days > DaysFromCivil({9999, 12, 31}))
      return absl::InvalidArgumentError("no such day in the calendar");
    return days;
  }
  const absl::StatusOr<std::int32_t> days = ReadDay(reader);
  if (!days.ok() || reader.AtEnd()) return days;
  const bool must_have_time = reader.Take("Tt");
  if (!must_have_time && !reader.Take(" ")) return Malformed();
  while (reader.Take(" ")) {
  }
  if ((must_have_time || reader.DigitsAhead() > 0) && !SkipTime(reader)) return Malformed();
  while (reader.Take(" ")) {
  }
  if (!reader.AtEnd() && !ReadZoneOffset(reader.Rest())) return Malformed();
  return days;
}

}  // namespace care
