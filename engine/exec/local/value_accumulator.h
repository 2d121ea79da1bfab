// engine/exec/local/value_accumulator.h
//
// One group of one aggregate, value by value: for released rows, for windows, and for the statistics of an owner's rows. Sums
// are exact, and the answer has PostgreSQL's type and digits.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "absl/status/statusor.h"
#include "engine/types/value.h"
#include "planner/logical/expression.h"

namespace care::engine {

class ValueAccumulator {
 public:
  // Both must outlive the accumulator. Of `call` its function, type, and what percentiles need: FILTER and DISTINCT are the
  // caller's, who adds only rows that take part.
  explicit ValueAccumulator(const planner::AggregateCall& call) : call_(&call) {}

  // Of COUNT(*) the value is not looked at. A NULL of anything else is skipped. `second` of functions of two arguments.
  absl::Status Add(const Value& value, const Value* second = nullptr);
  absl::StatusOr<Value> Result() const;

 private:
  absl::Status AddProduct(Decimal& sum, const Value& a, const Value& b);
  absl::StatusOr<Value> Percentile() const;
  absl::StatusOr<Value> InterpolatedDecimal(const std::vector<Value>& sorted) const;

  const planner::AggregateCall* call_;
  std::int64_t count_ = 0;
  Decimal sum_;           // of the argument
  Decimal squares_;       // of its squares
  Decimal second_sum_;
  Decimal second_squares_;
  Decimal products_;
  Value extreme_ = Null{};
  std::vector<Value> values_;  // percentiles
};

}  // namespace care::engine
