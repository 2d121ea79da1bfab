#include "planner/physical/percentile_ratio.h"

#include <bit>
#include <cmath>
#include <numeric>

#include "absl/strings/str_cat.h"

namespace care::planner {
namespace {

// As a double, numerator and denominator are exact.
constexpr int kMostDigits = 15;

}  // namespace

absl::StatusOr<PercentileRatio> RatioOfPercentile(Decimal fraction, std::uint64_t rows) {
  if (fraction.scale > kMostDigits || fraction.unscaled < 0) {
    return absl::InvalidArgumentError(absl::StrCat(
        "a fraction of more than ", kMostDigits, " digits over rows of several owners is not supported yet"));
  }
  PercentileRatio ratio{static_cast<std::uint64_t>(fraction.unscaled), 1};
  for (int i = 0; i < fraction.scale; ++i) ratio.q *= 10;
  if (ratio.p > ratio.q) return absl::InvalidArgumentError("percentile value is not between 0 and 1");
  // Of no part of them the first: as of so small a part that it is never more than one row.
  if (ratio.p == 0) return PercentileRatio{1, rows + 1};
  const std::uint64_t common = std::gcd(ratio.p, ratio.q);
  ratio = {ratio.p / common, ratio.q / common};
  if (std::bit_width(rows) + std::bit_width(ratio.q) + 3 > 64) {
    return absl::InvalidArgumentError(
        "a fraction of so many digits over so many rows of several owners is not supported yet");
  }
  const double as_double = static_cast<double>(ratio.p) / static_cast<double>(ratio.q);
  for (std::uint64_t n = ratio.q; n <= rows; n += ratio.q) {
    // Elsewhere the product is far from a whole number.
    if (std::ceil(as_double * static_cast<double>(n)) != static_cast<double>(n / ratio.q * ratio.p)) {
      return absl::InvalidArgumentError(absl::StrCat(
          "PERCENTILE_DISC(", fraction.ToString(), ") of up to ", rows,
          " rows of several owners is not supported yet: PostgreSQL rounds the product of the two"));
    }
  }
  return ratio;
}

}  // namespace care::planner
