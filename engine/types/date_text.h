// engine/types/date_text.h
//
// The texts that PostgreSQL reads as a DATE whatever its DateStyle is: '2020-01-05', '2020-1-5', '2020/01/05', '20200105',
// '200105', '2020-005', '2020.005', 'J2458854', each with white space around it, the first ones also with a time of day and a
// time zone behind it that a date drops, as drivers send it. Files and databases keep to ParseDate (date.h), which takes the first form only.
#pragma once

#include <cstdint>
#include <string_view>

#include "absl/status/statusor.h"

namespace care {

// Days since 1970-01-01. InvalidArgument for other texts, for days that the calendar lacks and for years outside 1..9999.
absl::StatusOr<std::int32_t> ReadDateText(std::string_view text);

}  // namespace care
