#include "engine/types/date.h"

#include <algorithm>
#include <cstdio>

#include "absl/status/status.h"

namespace care {
namespace {

bool IsLeapYear(std::int32_t year) { return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0; }

}  // namespace

std::int32_t DaysInMonth(std::int32_t year, std::int32_t month) {
  constexpr std::int32_t kDays[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  return month == 2 && IsLeapYear(year) ? 29 : kDays[month - 1];
}

// Both directions count 400-year eras of 146,097 days, in years that begin on 1 March so that the leap
// day is a year's last (Howard Hinnant, chrono-compatible low-level date algorithms).
std::int32_t DaysFromCivil(CivilDate date) {
  const std::int32_t year = date.month <= 2 ? date.year - 1 : date.year;
  const std::int32_t era = (year >= 0 ? year : year - 399) / 400;
  const std::int32_t year_of_era = year - era * 400;
  const std::int32_t day_of_year = (153 * (date.month + (date.month > 2 ? -3 : 9)) + 2) / 5 + date.day - 1;
  const std::int32_t day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
  return era * 146097 + day_of_era - 719468;
}

CivilDate CivilFromDays(std::int32_t days) {
  days += 719468;
  const std::int32_t era = (days >= 0 ? days : days - 146096) / 146097;
  const std::int32_t day_of_era = days - era * 146097;
  const std::int32_t year_of_era =
      (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
  const std::int32_t day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
  const std::int32_t shifted_month = (5 * day_of_year + 2) / 153;
  const std::int32_t month = shifted_month + (shifted_month < 10 ? 3 : -9);
  const std::int32_t year = year_of_era + era * 400 + (month <= 2 ? 1 : 0);
  return {year, month, day_of_year - (153 * shifted_month + 2) / 5 + 1};
}

absl::StatusOr<std::int32_t> AddMonths(std::int32_t days, std::int32_t months) {
  const CivilDate date = CivilFromDays(days);
  const std::int64_t index = std::int64_t{date.year} * 12 + (date.month - 1) + months;
  if (index < 12 || index >= std::int64_t{10000} * 12) return absl::OutOfRangeError("date out of range");
  const auto year = static_cast<std::int32_t>(index / 12);
  const auto month = static_cast<std::int32_t>(index % 12) + 1;
  return DaysFromCivil({year, month, std::min(date.day, DaysInMonth(year, month))});
}

std::optional<std::int32_t> StartOfPeriod(std::string_view unit, std::int32_t days) {
  if (unit == "day") return days;
  if (unit == "week") return days - ((days + 3) % 7 + 7) % 7;  // 1970-01-01 was a Thursday
  CivilDate date = CivilFromDays(days);
  date.day = 1;
  if (unit == "quarter") date.month = (date.month - 1) / 3 * 3 + 1;
  if (unit == "year") date.month = 1;
  if (unit != "month" && unit != "quarter" && unit != "year") return std::nullopt;
  return DaysFromCivil(date);
}

std::int32_t NextPeriod(std::string_view unit, std::int32_t start) {
  const std::int32_t longest = unit == "day" ? 1 : unit == "week" ? 7 : unit == "month" ? 31 : unit == "quarter" ? 92 : 366;
  return StartOfPeriod(unit, start + longest).value_or(start + 1);
}

absl::StatusOr<std::int32_t> ParseDate(std::string_view text) {
  const auto malformed = [] { return absl::InvalidArgumentError("a date is written YYYY-MM-DD"); };
  if (text.size() != 10 || text[4] != '-' || text[7] != '-') return malformed();
  for (std::size_t i : {0, 1, 2, 3, 5, 6, 8, 9}) {
    if (text[i] < '0' || text[i] > '9') return malformed();
  }
  const auto digit = [&](std::size_t i) { return text[i] - '0'; };
  const CivilDate date{digit(0) * 1000 + digit(1) * 100 + digit(2) * 10 + digit(3), digit(5) * 10 + digit(6),
                       digit(8) * 10 + digit(9)};
  if (date.year < 1 || date.month < 1 || date.month > 12 || date.day < 1 ||
      date.day > DaysInMonth(date.year, date.month)) {
    return absl::InvalidArgumentError("no such day in the calendar");
  }
  return DaysFromCivil(date);
}

std::string FormatDate(std::int32_t days) {
  const CivilDate date = CivilFromDays(days);
  char text[32];
  std::snprintf(text, sizeof text, "%04d-%02d-%02d", date.year, date.month, date.day);
  return text;
}

}  // namespace care
