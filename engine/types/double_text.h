// engine/types/double_text.h
//
// Double precision and real as PostgreSQL prints them (extra_float_digits = 1): the shortest digits that read back as the same
// number.
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "engine/types/decimal.h"

namespace care {

// The number of so many significant digits, as PostgreSQL's cast to numeric takes 15 of a double and 6 of a real. OutOfRange for
// NaN, infinities and beyond 38 digits.
absl::StatusOr<Decimal> DecimalOfDouble(double value, int digits);

std::string FormatDouble(double value);
std::string FormatReal(float value);

}  // namespace care
