// engine/types/timestamp.h
//
// Timestamps as PostgreSQL computes them: microseconds since 1970-01-01 00:00:00 on a calendar without leap seconds.
// TIMESTAMPTZ is the same in UTC, the time zone of every session. Years are 1 to 9999, as those of dates.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "engine/types/value.h"

namespace care {

inline constexpr std::int64_t kMicrosecondsOfSecond = 1'000'000;
inline constexpr std::int64_t kMicrosecondsOfDay = 86'400 * kMicrosecondsOfSecond;
inline constexpr std::int64_t kFirstTimestamp = -719162 * kMicrosecondsOfDay;          // 0001-01-01 00:00:00
inline constexpr std::int64_t kLastTimestamp = 2932897 * kMicrosecondsOfDay - 1;       // 9999-12-31 23:59:59.999999

// The day that a timestamp falls on, since 1970-01-01, and how much of it has passed.
std::int32_t DayOf(std::int64_t microseconds);
std::int64_t TimeOfDay(std::int64_t microseconds);

// PostgreSQL's timestamp + interval: the months first, then the days, then the time. OutOfRange beyond years 1 to 9999.
absl::StatusOr<std::int64_t> AddInterval(std::int64_t microseconds, const Interval& interval);

// What DATE_TRUNC makes of one. InvalidArgument for a unit other than hour, minute and second.
absl::StatusOr<std::int64_t> TruncateTime(std::string_view unit, std::int64_t microseconds);

// What the digits behind a second's point are, rounded as PostgreSQL rounds them: through a double, halves to even.
std::int64_t MicrosecondsOfFraction(std::string_view digits);

// What 'Z', '+02', '+0230' or '-02:30' add to UTC, in microseconds; nothing for other texts.
std::optional<std::int64_t> ReadZoneOffset(std::string_view text);

// Reads '2024-01-31 10:00:00.5' with 'T' or spaces between, seconds and fraction optional, also a day alone, and behind
// it 'Z' or an offset as '+02', '+0230' or '+02:30'. TIMESTAMP ignores the offset, TIMESTAMPTZ obeys it, as in PostgreSQL; the
// fraction is rounded to microseconds as PostgreSQL rounds it. InvalidArgument for other texts and for years outside 1..9999.
absl::StatusOr<std::int64_t> ReadTimestampText(std::string_view text, bool with_time_zone);

// PostgreSQL's ISO output: "2024-01-31 10:00:00", "2024-01-31 10:00:00.25+00".
std::string FormatTimestamp(Timestamp value);

}  // namespace care
