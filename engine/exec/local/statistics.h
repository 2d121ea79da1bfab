// engine/exec/local/statistics.h
//
// What an aggregate is once its sums are known. Sums are exact, so every statistic is a function of a few of them: averages
// and variances come out with PostgreSQL's digits (numeric.c: the scale of a quotient, of a square root); covariances and
// their kin are the exact rational rounded to the nearest double once, where PostgreSQL's own accumulation of doubles may
// differ in the last digits.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "absl/status/statusor.h"
#include "engine/types/value.h"
#include "planner/logical/expression.h"

namespace care::engine {

// PostgreSQL's AVG of exact numbers: sum / count as numeric. `count` must not be 0.
absl::StatusOr<Decimal> AverageOf(const Decimal& sum, std::int64_t count);

// kAverageOf to kRegressionR2 of planner::Function. The sums are the function's arguments, none NULL; the answer is NULL
// where PostgreSQL's aggregate of so few rows is.
absl::StatusOr<Value> FinishStatistic(planner::Function function, const std::vector<Value>& sums);
// The function that finishes an aggregate of this kind; none of other aggregates.
std::optional<planner::Function> FinishOf(planner::AggregateFunction function);

// Percentiles of `count` ascending values, NULLs left out; a descending order reads them from the end.
struct PercentileRows {
  std::uint64_t low = 0;
  std::uint64_t high = 0;
  double weight = 0;  // of the value at `high`: low + weight * (high - low)
};
PercentileRows ContinuousRows(const Decimal& fraction, std::uint64_t count);  // count > 0
std::uint64_t DiscreteRow(const Decimal& fraction, std::uint64_t count);      // count > 0

double DoubleOf(const Decimal& value);  // the nearest

}  // namespace care::engine
