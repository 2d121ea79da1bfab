// engine/types/decimal.h
//
// Exact decimals with PostgreSQL's scales. A Decimal is unscaled * 10^-scale in 128 bits: wide enough for
// every value that the planner admits (it refuses sums beyond 63 bits) and for their quotients. Division
// follows PostgreSQL's rule for the number of digits and rounds half away from zero, so that AVG and
// ratios print digit for digit what PostgreSQL prints.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"

namespace care {

__extension__ typedef __int128 Int128;
__extension__ typedef unsigned __int128 UInt128;

struct Decimal {
  Int128 unscaled = 0;
  int scale = 0;  // digits after the point, 0..38

  // Equality of values and of printed form: 1.0 differs from 1.00.
  friend bool operator==(const Decimal&, const Decimal&) = default;

  std::string ToString() const;
};

// Reads [-+]digits[.digits] (no exponent). OutOfRange beyond 38 digits.
absl::StatusOr<Decimal> ParseDecimal(std::string_view text);

// OutOfRange where 128 bits do not hold the result.
absl::StatusOr<Decimal> AddDecimals(Decimal a, Decimal b);       // scale: the larger of both
absl::StatusOr<Decimal> SubtractDecimals(Decimal a, Decimal b);  // scale: the larger of both
absl::StatusOr<Decimal> MultiplyDecimals(Decimal a, Decimal b);  // scale: the sum of both
// PostgreSQL's numeric division: at least 16 significant digits, and no fewer than either operand's scale.
// InvalidArgument on division by zero.
absl::StatusOr<Decimal> DivideDecimals(Decimal dividend, Decimal divisor);
// To `scale` digits after the point, half away from zero (ROUND, assignment to numeric(p,s)).
absl::StatusOr<Decimal> RescaleDecimal(Decimal value, int scale);

// -1, 0 or 1 by value (1.0 equals 1.00 here).
int CompareDecimals(Decimal a, Decimal b);

}  // namespace care
