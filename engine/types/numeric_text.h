// engine/types/numeric_text.h
//
// The texts that PostgreSQL reads as NUMERIC ('1e2'::numeric): white space around them, a sign, digits with a point anywhere,
// an exponent. Files and databases keep to ParseDecimal (decimal.h), which takes plain digits only.
#pragma once

#include <string_view>

#include "absl/status/statusor.h"
#include "engine/types/decimal.h"

namespace care {

// InvalidArgument where it is no number, Unimplemented for NaN and Infinity, OutOfRange beyond 38 digits.
absl::StatusOr<Decimal> ReadNumericText(std::string_view text);

}  // namespace care
