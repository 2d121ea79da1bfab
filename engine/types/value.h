// engine/types/value.h
//
// One clear SQL value: a literal of a query, or a cell of a released table. Columns of data never take
// this form (see column_batch.h).
#pragma once

#include <cstdint>
#include <string>
#include <variant>

#include "engine/types/decimal.h"

namespace care {

struct Date {
  std::int32_t days = 0;  // since 1970-01-01
  friend bool operator==(const Date&, const Date&) = default;
};

struct Timestamp {
  std::int64_t microseconds = 0;  // since 1970-01-01 00:00:00
  bool with_time_zone = false;    // printed with its offset: +00
  friend bool operator==(const Timestamp&, const Timestamp&) = default;
};

struct Interval {
  std::int32_t months = 0;
  std::int32_t days = 0;
  std::int64_t microseconds = 0;
  friend bool operator==(const Interval&, const Interval&) = default;
};

struct Null {
  friend bool operator==(const Null&, const Null&) = default;
};

// A double is only ever a finished statistic (CORR, PERCENTILE_CONT) or computed of results: columns of data are computed as
// decimals. A float is a value of REAL.
using Value = std::variant<Null, bool, std::int64_t, Decimal, Date, std::string, Interval, double, float, Timestamp>;

inline bool IsNull(const Value& value) { return std::holds_alternative<Null>(value); }

// As PostgreSQL's text output: booleans are t and f, dates ISO. NULL is the empty string.
std::string FormatValue(const Value& value);

}  // namespace care
