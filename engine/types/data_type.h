// engine/types/data_type.h
//
// The SQL types of the dialect, as PostgreSQL names them. A type says how a column's clear values are
// stored (ColumnBatch) and how results print; how a value is shared is the planner's choice of form.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"

namespace care {

enum class TypeKind : std::uint8_t {
  kUnknown,   // an untyped NULL or string literal, before coercion
  kBoolean,
  kSmallInt,
  kInteger,
  kBigInt,
  kNumeric,   // precision 0: unconstrained (a result of SUM, AVG, division)
  kDate,
  kText,      // TEXT, VARCHAR(n), CHAR(n); collation "C"
  kInterval,  // literals only: months, days and microseconds
  kDouble,    // results, and what is computed of them; a column of doubles is computed as a NUMERIC
  kReal,      // likewise, of single precision
  kTimestamp,    // without time zone: microseconds since 1970-01-01 00:00:00
  kTimestampTz,  // an instant: the same in UTC, which is the time zone of every session
};

struct DataType {
  TypeKind kind = TypeKind::kUnknown;
  std::uint8_t precision = 0;   // kNumeric: total digits; 0 if unconstrained
  std::uint8_t scale = 0;       // kNumeric: digits after the point of every stored value
  std::uint16_t max_length = 0;  // kText: characters; 0 if unlimited

  friend bool operator==(const DataType&, const DataType&) = default;

  bool IsInteger() const;
  bool IsExactNumber() const;  // integers and NUMERIC
  bool IsFloat() const;        // DOUBLE PRECISION and REAL
  bool IsTimestamp() const;    // with or without time zone
  // "numeric(12,2)", "date": what PostgreSQL's format_type would print.
  std::string ToString() const;
};

inline constexpr DataType kBooleanType{TypeKind::kBoolean};
inline constexpr DataType kIntegerType{TypeKind::kInteger};
inline constexpr DataType kBigIntType{TypeKind::kBigInt};
inline constexpr DataType kNumericType{TypeKind::kNumeric};
inline constexpr DataType kDateType{TypeKind::kDate};
inline constexpr DataType kTimestampType{TypeKind::kTimestamp};
inline constexpr DataType kTimestampTzType{TypeKind::kTimestampTz};
inline constexpr DataType kTextType{TypeKind::kText};
inline constexpr DataType kDoubleType{TypeKind::kDouble};
inline constexpr DataType kRealType{TypeKind::kReal};

// Reads "numeric(12,2)", "decimal(12,2)", "int", "bigint", "text", "varchar(9)", "date", "boolean" ...
absl::StatusOr<DataType> ParseDataType(std::string_view text);

// A name of PostgreSQL's char(n), which is no type here: its trailing blanks count in some places and not in others.
bool IsBlankPadded(std::string_view text);

}  // namespace care
