#include "engine/exec/local/statistics.h"

#include <algorithm>
#include <boost/multiprecision/cpp_int.hpp>
#include <cmath>

#include "engine/exec/local/number_functions.h"
#include "engine/types/check.h"
#include "engine/types/status_macros.h"

namespace care::engine {
namespace {

using planner::AggregateFunction;
using planner::Function;
using Big = boost::multiprecision::cpp_int;

constexpr int kMaxScale = 38;

absl::Status TooLarge() { return absl::OutOfRangeError("numeric value needs more than 38 digits"); }

Big PowerOfTen(int exponent) { return boost::multiprecision::pow(Big(10), static_cast<unsigned>(exponent)); }

Big ToBig(Int128 value) {
  const bool negative = value < 0;
  const UInt128 magnitude = negative ? -static_cast<UInt128>(value) : static_cast<UInt128>(value);
  Big big = static_cast<std::uint64_t>(magnitude >> 64);
  big <<= 64;
  big += static_cast<std::uint64_t>(magnitude);
  return negative ? Big(-big) : big;
}

absl::StatusOr<Decimal> ToDecimal(const Big& value, int scale) {
  const Big magnitude = abs(value);
  if (scale > kMaxScale || magnitude >= PowerOfTen(kMaxScale)) return TooLarge();
  auto unscaled = static_cast<Int128>(static_cast<std::uint64_t>(magnitude >> 64));
  unscaled = (unscaled << 64) | static_cast<std::uint64_t>(magnitude & ~std::uint64_t{0});
  return Decimal{value < 0 ? -unscaled : unscaled, scale};
}

// An exact decimal of any size.
struct Exact {
  Big unscaled;
  int scale = 0;
};

Exact ToExact(const Value& number) {
  const Decimal decimal = AsDecimal(number);
  return {ToBig(decimal.unscaled), decimal.scale};
}

Exact Times(const Exact& a, const Exact& b) { return {a.unscaled * b.unscaled, a.scale + b.scale}; }

Exact Minus(const Exact& a, const Exact& b) {
  const int scale = std::max(a.scale, b.scale);
  return {a.unscaled * PowerOfTen(scale - a.scale) - b.unscaled * PowerOfTen(scale - b.scale), scale};
}

// numeric.c's weight and first digit in base 10,000, of a positive number.
std::pair<int, int> LeadingDigit(const Exact& value) {
  const int padding = (4 - value.scale % 4) % 4;
  Big head = value.unscaled * PowerOfTen(padding);
  int weight = -(value.scale + padding) / 4;
  while (head >= 10000) {
    head /= 10000;
    ++weight;
  }
  return {weight, static_cast<int>(head)};
}

// select_div_scale of numeric.c.
int QuotientScale(const Exact& dividend, const Exact& divisor) {
  constexpr int kMinSignificantDigits = 16;
  constexpr int kDigitsOfBase = 4;
  const auto [left_weight, left_digit] = LeadingDigit(dividend);
  const auto [right_weight, right_digit] = LeadingDigit(divisor);
  int weight = left_weight - right_weight;
  if (left_digit <= right_digit) --weight;
  return std::max({kMinSignificantDigits - weight * kDigitsOfBase, dividend.scale, divisor.scale, 0});
}

// a / b to `scale` digits, half up; both positive.
Big RoundedQuotient(const Exact& a, const Exact& b, int scale) {
  const Big top = a.unscaled * PowerOfTen(scale + b.scale);
  const Big bottom = b.unscaled * PowerOfTen(a.scale);
  return (top * 2 + bottom) / (bottom * 2);
}

// numeric_stddev_internal of numeric.c, step by step.
absl::StatusOr<Value> Variance(const std::vector<Value>& sums, bool sample, bool root) {
  const Exact count = ToExact(sums[0]);
  if (count.unscaled <= (sample ? 1 : 0)) return Null{};
  const Exact sum = ToExact(sums[1]);
  const Exact numerator = Minus(Times(count, ToExact(sums[2])), Times(sum, sum));
  if (numerator.unscaled <= 0) return Decimal{0, 0};
  const Exact divisor{count.unscaled * (sample ? Big(count.unscaled - 1) : count.unscaled), 0};
  const int scale = QuotientScale(numerator, divisor);
  Big result = RoundedQuotient(numerator, divisor, scale);
  if (root) {
    // The root of the variance as it was rounded, to as many digits. Half of a last digit is never exact: compare squares.
    const Big shifted = result * PowerOfTen(scale);
    const Big floor = boost::multiprecision::sqrt(shifted);
    result = shifted - floor * floor > floor ? Big(floor + 1) : floor;
  }
  CARE_ASSIGN_OR_RETURN(const Decimal decimal, ToDecimal(result, scale));
  return decimal;
}

// numerator / denominator, or its square root, to the nearest double. The denominator is positive.
double NearestDouble(const Big& numerator, const Big& denominator, bool root = false) {
  if (numerator == 0) return 0;
  const bool negative = numerator < 0;
  const Big top = abs(numerator);
  // A quotient of 62 to 64 bits (of a root: of twice as many), its last bit set if anything was cut off: more than a double
  // holds, so that the one conversion rounds correctly.
  int shift = (root ? 125 : 62) - (static_cast<int>(msb(top)) - static_cast<int>(msb(denominator)));
  if (root && shift % 2 != 0) --shift;
  const Big scaled_top = shift > 0 ? Big(top << static_cast<unsigned>(shift)) : top;
  const Big scaled_bottom = shift < 0 ? Big(denominator << static_cast<unsigned>(-shift)) : denominator;
  Big quotient = scaled_top / scaled_bottom;
  bool inexact = quotient * scaled_bottom != scaled_top;
  if (root) {
    const Big floor = boost::multiprecision::sqrt(quotient);
    inexact = inexact || floor * floor != quotient;
    quotient = floor;
    shift /= 2;
  }
  const std::uint64_t digits = static_cast<std::uint64_t>(quotient) | (inexact ? 1 : 0);
  const double result = std::ldexp(static_cast<double>(digits), -shift);
  return negative ? -result : result;
}

double NearestDouble(const Exact& numerator, const Exact& denominator) {
  return NearestDouble(numerator.unscaled * PowerOfTen(denominator.scale),
                       denominator.unscaled * PowerOfTen(numerator.scale));
}

absl::StatusOr<Value> Covariance(const std::vector<Value>& sums, bool sample) {
  const Exact count = ToExact(sums[0]);
  if (count.unscaled <= (sample ? 1 : 0)) return Null{};
  const Exact products = Minus(Times(count, ToExact(sums[3])), Times(ToExact(sums[1]), ToExact(sums[2])));
  return NearestDouble(products, {count.unscaled * (sample ? Big(count.unscaled - 1) : count.unscaled), 0});
}

absl::StatusOr<Value> OfTwoVariables(Function function, const std::vector<Value>& sums) {
  const Exact count = ToExact(sums[0]);
  if (count.unscaled <= 0) return Null{};
  const Exact x = ToExact(sums[1]);
  const Exact y = ToExact(sums[2]);
  const Exact xx = Minus(Times(count, ToExact(sums[3])), Times(x, x));
  const Exact yy = Minus(Times(count, ToExact(sums[4])), Times(y, y));
  const Exact xy = Minus(Times(count, ToExact(sums[5])), Times(x, y));
  if (xx.unscaled <= 0) return Null{};
  switch (function) {
    case Function::kRegressionSlope:
      return NearestDouble(xy, xx);
    case Function::kRegressionIntercept: {
      // (y - x * slope) / count
      const Exact top = Minus(Times(y, xx), Times(x, xy));
      return NearestDouble(top, Times(count, xx));
    }
    case Function::kRegressionR2:
      if (yy.unscaled <= 0) return 1.0;
      return NearestDouble(Times(xy, xy), Times(xx, yy));
    default: {
      CARE_CHECK(function == Function::kCorrelation);
      if (yy.unscaled <= 0) return Null{};
      const Exact square = Times(xy, xy);
      const Exact bottom = Times(xx, yy);
      const double root = NearestDouble(square.unscaled * PowerOfTen(bottom.scale),
                                        bottom.unscaled * PowerOfTen(square.scale), /*root=*/true);
      return xy.unscaled < 0 ? -root : root;
    }
  }
}

}  // namespace

absl::StatusOr<Decimal> AverageOf(const Decimal& sum, std::int64_t count) {
  CARE_CHECK(count > 0);
  return DivideDecimals(sum, Decimal{count, 0});
}

absl::StatusOr<Value> FinishStatistic(Function function, const std::vector<Value>& sums) {
  switch (function) {
    case Function::kAverageOf: {
      const Decimal count = AsDecimal(sums[1]);
      if (count.unscaled <= 0) return Null{};
      CARE_ASSIGN_OR_RETURN(const Decimal average, DivideDecimals(AsDecimal(sums[0]), count));
      return average;
    }
    case Function::kVariancePopulation:
      return Variance(sums, /*sample=*/false, /*root=*/false);
    case Function::kVarianceSample:
      return Variance(sums, /*sample=*/true, /*root=*/false);
    case Function::kDeviationPopulation:
      return Variance(sums, /*sample=*/false, /*root=*/true);
    case Function::kDeviationSample:
      return Variance(sums, /*sample=*/true, /*root=*/true);
    case Function::kCovariancePopulation:
      return Covariance(sums, /*sample=*/false);
    case Function::kCovarianceSample:
      return Covariance(sums, /*sample=*/true);
    default:
      return OfTwoVariables(function, sums);
  }
}

std::optional<Function> FinishOf(AggregateFunction function) {
  switch (function) {
    case AggregateFunction::kAverage:
      return Function::kAverageOf;
    case AggregateFunction::kVariancePopulation:
      return Function::kVariancePopulation;
    case AggregateFunction::kVarianceSample:
      return Function::kVarianceSample;
    case AggregateFunction::kDeviationPopulation:
      return Function::kDeviationPopulation;
    case AggregateFunction::kDeviationSample:
      return Function::kDeviationSample;
    case AggregateFunction::kCovariancePopulation:
      return Function::kCovariancePopulation;
    case AggregateFunction::kCovarianceSample:
      return Function::kCovarianceSample;
    case AggregateFunction::kCorrelation:
      return Function::kCorrelation;
    case AggregateFunction::kRegressionSlope:
      return Function::kRegressionSlope;
    case AggregateFunction::kRegressionIntercept:
      return Function::kRegressionIntercept;
    case AggregateFunction::kRegressionR2:
      return Function::kRegressionR2;
    default:
      return std::nullopt;
  }
}

PercentileRows ContinuousRows(const Decimal& fraction, std::uint64_t count) {
  const double at = DoubleOf(fraction) * static_cast<double>(count - 1);
  PercentileRows rows;
  rows.low = static_cast<std::uint64_t>(std::floor(at));
  rows.high = static_cast<std::uint64_t>(std::ceil(at));
  rows.weight = at - static_cast<double>(rows.low);
  return rows;
}

std::uint64_t DiscreteRow(const Decimal& fraction, std::uint64_t count) {
  const double row = std::ceil(DoubleOf(fraction) * static_cast<double>(count));
  return row < 1 ? 0 : static_cast<std::uint64_t>(row) - 1;
}

double DoubleOf(const Decimal& value) {
  return NearestDouble(ToBig(value.unscaled), PowerOfTen(value.scale));
}

}  // namespace care::engine
