// planner/physical/percentile_ratio.h
//
// The fraction of a PERCENTILE_DISC over shared rows, as a ratio of whole numbers. PostgreSQL multiplies it with the number of
// rows in double precision; a fraction whose product it may round to another row is refused while planning, for the number
// of slots that the plan has.
#pragma once

#include <cstdint>

#include "absl/status/statusor.h"
#include "engine/types/decimal.h"

namespace care::planner {

struct PercentileRatio {
  std::uint64_t p = 0, q = 1;  // the row is the ceiling of p / q times the number of rows
};

// InvalidArgument, with a text for the analyst, where there is none.
absl::StatusOr<PercentileRatio> RatioOfPercentile(Decimal fraction, std::uint64_t rows);

}  // namespace care::planner
