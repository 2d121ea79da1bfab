// engine/types/date.h
//
// Calendar dates as PostgreSQL computes them: proleptic Gregorian, stored as days since 1970-01-01.
// Adding months keeps the day of the month, or takes the month's last day where that day is missing
// (2023-03-31 minus one month is 2023-02-28): calendar months, never thirty days.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"

namespace care {

struct CivilDate {
  std::int32_t year;
  std::int32_t month;  // 1..12
  std::int32_t day;    // 1..31

  friend bool operator==(const CivilDate&, const CivilDate&) = default;
};

std::int32_t DaysFromCivil(CivilDate date);
CivilDate CivilFromDays(std::int32_t days);
std::int32_t DaysInMonth(std::int32_t year, std::int32_t month);

// PostgreSQL's date + interval 'months'. Years outside 1..9999 are OutOfRange.
absl::StatusOr<std::int32_t> AddMonths(std::int32_t days, std::int32_t months);

// The first day of the calendar "week" (Monday), "month", "quarter" or "year" that the day is in; of "day" itself. Nothing for
// other units. It may lie before year 1.
std::optional<std::int32_t> StartOfPeriod(std::string_view unit, std::int32_t days);
// Of the period behind the one that begins with `start`.
std::int32_t NextPeriod(std::string_view unit, std::int32_t start);

// Reads and writes ISO 8601 (YYYY-MM-DD) and nothing else.
absl::StatusOr<std::int32_t> ParseDate(std::string_view text);
std::string FormatDate(std::int32_t days);

}  // namespace care
