#include "engine/exec/local/value_accumulator.h"

#include <algorithm>

#include "engine/exec/local/float_functions.h"
#include "engine/exec/local/number_functions.h"
#include "engine/exec/local/scalar.h"
#include "engine/exec/local/statistics.h"
#include "engine/types/check.h"
#include "engine/types/status_macros.h"

namespace care::engine {
namespace {

using planner::AggregateFunction;

}  // namespace

absl::Status ValueAccumulator::AddProduct(Decimal& sum, const Value& a, const Value& b) {
  CARE_ASSIGN_OR_RETURN(const Decimal product, MultiplyDecimals(AsDecimal(a), AsDecimal(b)));
  CARE_ASSIGN_OR_RETURN(sum, AddDecimals(sum, product));
  return absl::OkStatus();
}

absl::Status ValueAccumulator::Add(const Value& value, const Value* second) {
  const AggregateFunction function = call_->function;
  if (function == AggregateFunction::kCountStar) {
    ++count_;
    return absl::OkStatus();
  }
  if (IsNull(value) || (second != nullptr && IsNull(*second))) return absl::OkStatus();
  ++count_;
  switch (function) {
    case AggregateFunction::kCountStar:
    case AggregateFunction::kCount:
    case AggregateFunction::kRegressionCount:
      return absl::OkStatus();
    case AggregateFunction::kSum:
    case AggregateFunction::kAverage: {
      if (IsFloat(value)) {
        return absl::UnimplementedError(
            "SUM and AVG of double precision are not supported yet; cast it to numeric");
      }
      CARE_ASSIGN_OR_RETURN(sum_, AddDecimals(sum_, AsDecimal(value)));
      return absl::OkStatus();
    }
    case AggregateFunction::kMin:
    case AggregateFunction::kBoolAnd:
      if (IsNull(extreme_) || CompareValues(value, extreme_) < 0) extreme_ = value;
      return absl::OkStatus();
    case AggregateFunction::kMax:
    case AggregateFunction::kBoolOr:
      if (IsNull(extreme_) || CompareValues(value, extreme_) > 0) extreme_ = value;
      return absl::OkStatus();
    case AggregateFunction::kVariancePopulation:
    case AggregateFunction::kVarianceSample:
    case AggregateFunction::kDeviationPopulation:
    case AggregateFunction::kDeviationSample: {
      if (IsFloat(value)) {
        return absl::UnimplementedError(
            "variances of double precision are not supported yet; cast it to numeric");
      }
      CARE_ASSIGN_OR_RETURN(sum_, AddDecimals(sum_, AsDecimal(value)));
      return AddProduct(squares_, value, value);
    }
    case AggregateFunction::kCovariancePopulation:
    case AggregateFunction::kCovarianceSample:
    case AggregateFunction::kCorrelation:
    case AggregateFunction::kRegressionSlope:
    case AggregateFunction::kRegressionIntercept:
    case AggregateFunction::kRegressionR2: {
      CARE_CHECK(second != nullptr);
      if (IsFloat(value) || IsFloat(*second)) {
        return absl::UnimplementedError(
            "statistics of double precision are not supported yet; cast it to numeric");
      }
      CARE_ASSIGN_OR_RETURN(sum_, AddDecimals(sum_, AsDecimal(value)));
      CARE_ASSIGN_OR_RETURN(second_sum_, AddDecimals(second_sum_, AsDecimal(*second)));
      CARE_RETURN_IF_ERROR(AddProduct(squares_, value, value));
      CARE_RETURN_IF_ERROR(AddProduct(second_squares_, *second, *second));
      return AddProduct(products_, value, *second);
    }
    case AggregateFunction::kPercentileContinuous:
    case AggregateFunction::kPercentileDiscrete:
      values_.push_back(value);
      return absl::OkStatus();
  }
  CARE_CHECK(false);
}

absl::StatusOr<Value> ValueAccumulator::Percentile() const {
  if (values_.empty()) return Null{};
  std::vector<Value> sorted = values_;
  std::sort(sorted.begin(), sorted.end(),
            [](const Value& a, const Value& b) { return CompareValues(a, b) < 0; });
  if (call_->descending) std::reverse(sorted.begin(), sorted.end());
  if (call_->function == AggregateFunction::kPercentileDiscrete) {
    return sorted[DiscreteRow(call_->fraction, sorted.size())];
  }
  if (call_->type.kind == TypeKind::kNumeric) return InterpolatedDecimal(sorted);
  const PercentileRows rows = ContinuousRows(call_->fraction, sorted.size());
  const double low = AsDouble(sorted[rows.low]);
  if (rows.low == rows.high) return low;
  return low + rows.weight * (AsDouble(sorted[rows.high]) - low);
}

absl::StatusOr<Value> ValueAccumulator::InterpolatedDecimal(const std::vector<Value>& sorted) const {
  const Decimal& fraction = call_->fraction;
  Int128 whole = 1;
  for (int digit = 0; digit < fraction.scale; ++digit) whole *= 10;
  const Int128 at = fraction.unscaled * static_cast<Int128>(sorted.size() - 1);
  const auto low = static_cast<std::size_t>(at / whole);
  const Int128 part = at % whole;
  const std::size_t high = part == 0 ? low : low + 1;
  CARE_ASSIGN_OR_RETURN(const Decimal below, MultiplyDecimals(AsDecimal(sorted[low]), Decimal{whole - part, fraction.scale}));
  CARE_ASSIGN_OR_RETURN(const Decimal above, MultiplyDecimals(AsDecimal(sorted[high]), Decimal{part, fraction.scale}));
  CARE_ASSIGN_OR_RETURN(const Decimal value, AddDecimals(below, above));
  return Value(value);
}

absl::StatusOr<Value> ValueAccumulator::Result() const {
  switch (call_->function) {
    case AggregateFunction::kCountStar:
    case AggregateFunction::kCount:
    case AggregateFunction::kRegressionCount:
      return count_;
    case AggregateFunction::kMin:
    case AggregateFunction::kMax:
    case AggregateFunction::kBoolAnd:
    case AggregateFunction::kBoolOr:
      return extreme_;
    case AggregateFunction::kSum:
      if (count_ == 0) return Null{};
      if (call_->type.IsInteger()) return CheckedInteger(sum_.unscaled, call_->type);
      return sum_;
    case AggregateFunction::kAverage:
    case AggregateFunction::kVariancePopulation:
    case AggregateFunction::kVarianceSample:
    case AggregateFunction::kDeviationPopulation:
    case AggregateFunction::kDeviationSample:
    case AggregateFunction::kCovariancePopulation:
    case AggregateFunction::kCovarianceSample:
    case AggregateFunction::kCorrelation:
    case AggregateFunction::kRegressionSlope:
    case AggregateFunction::kRegressionIntercept:
    case AggregateFunction::kRegressionR2:
      break;
    case AggregateFunction::kPercentileContinuous:
    case AggregateFunction::kPercentileDiscrete:
      return Percentile();
  }
  if (count_ == 0) return Null{};
  switch (call_->function) {
    case AggregateFunction::kAverage:
      return FinishStatistic(planner::Function::kAverageOf, {sum_, count_});
    case AggregateFunction::kVariancePopulation:
    case AggregateFunction::kVarianceSample:
    case AggregateFunction::kDeviationPopulation:
    case AggregateFunction::kDeviationSample:
      return FinishStatistic(*FinishOf(call_->function), {count_, sum_, squares_});
    case AggregateFunction::kCovariancePopulation:
    case AggregateFunction::kCovarianceSample:
      return FinishStatistic(*FinishOf(call_->function), {count_, second_sum_, sum_, products_});
    default:
      // (y, x): x is the second.
      return FinishStatistic(*FinishOf(call_->function),
                             {count_, second_sum_, sum_, second_squares_, squares_, products_});
  }
}

}  // namespace care::engine
