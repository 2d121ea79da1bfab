// Statistics that are made of sums against PostgreSQL's own, over random groups of numbers: averages, variances and deviations
// digit for digit; covariances and what follows from them to 1e-10, since PostgreSQL accumulates doubles there. Percentiles
// exactly.
#include <cmath>
#include <set>
#include <string>
#include <vector>

#include "engine/exec/local/value_accumulator.h"
#include "gtest/gtest.h"
#include "tests/connectors/postgresql_server.h"
#include "tests/connectors/random_fragments.h"

namespace care::connectors {
namespace {

using engine::ValueAccumulator;

constexpr int kGroups = 1500;

struct Group {
  std::vector<Value> y;
  std::vector<Value> x;
};

bool HasConstant(const Group& group) {
  std::set<std::string> ys, xs;
  for (std::size_t row = 0; row < group.y.size(); ++row) {
    if (IsNull(group.y[row]) || IsNull(group.x[row])) continue;
    ys.insert(FormatValue(group.y[row]));
    xs.insert(FormatValue(group.x[row]));
  }
  return (ys.size() == 1 || xs.size() == 1) && group.y.size() > 1;
}

struct Case {
  AggregateFunction function;
  const char* sql;
  bool exact;
  Decimal fraction = {};
  bool descending = false;
};

const Case kCases[] = {
    {AggregateFunction::kAverage, "avg(y)", true},
    {AggregateFunction::kVariancePopulation, "var_pop(y)", true},
    {AggregateFunction::kVarianceSample, "var_samp(y)", true},
    {AggregateFunction::kDeviationPopulation, "stddev_pop(y)", true},
    {AggregateFunction::kDeviationSample, "stddev_samp(y)", true},
    {AggregateFunction::kSum, "sum(y)", true},
    {AggregateFunction::kRegressionCount, "regr_count(y, x)", true},
    {AggregateFunction::kPercentileContinuous, "percentile_cont(0.5) WITHIN GROUP (ORDER BY y)", true, {5, 1}},
    {AggregateFunction::kPercentileContinuous, "percentile_cont(0.123) WITHIN GROUP (ORDER BY y DESC)", true, {123, 3}, true},
    {AggregateFunction::kPercentileDiscrete, "percentile_disc(0.9) WITHIN GROUP (ORDER BY y)", true, {9, 1}},
    {AggregateFunction::kPercentileDiscrete, "percentile_disc(0) WITHIN GROUP (ORDER BY y DESC)", true, {0, 0}, true},
    {AggregateFunction::kCovariancePopulation, "covar_pop(y, x)", false},
    {AggregateFunction::kCovarianceSample, "covar_samp(y, x)", false},
    {AggregateFunction::kCorrelation, "corr(y, x)", false},
    {AggregateFunction::kRegressionSlope, "regr_slope(y, x)", false},
    {AggregateFunction::kRegressionIntercept, "regr_intercept(y, x)", false},
    {AggregateFunction::kRegressionR2, "regr_r2(y, x)", false},
};

class ReferenceStatistics : public testing::TestWithParam<bool> {};

TEST_P(ReferenceStatistics, AreTheReferences) {
  const bool integers = GetParam();
  const DataType type = integers ? kBigIntType : kNumericType;
  Random random(integers ? 11 : 12);
  std::vector<Group> groups(kGroups);
  std::string script = std::string("DROP TABLE IF EXISTS statistics; CREATE TABLE statistics (g integer, y ") +
                       (integers ? "bigint" : "numeric") + ", x " + (integers ? "bigint" : "numeric") +
                       "); INSERT INTO statistics VALUES ";
  bool first = true;
  for (int g = 0; g < kGroups; ++g) {
    const int scale = integers ? 0 : static_cast<int>(random.Below(5));
    std::uint64_t magnitude = 1;
    for (std::uint64_t i = random.Below(9); i > 0; --i) magnitude *= 10;
    magnitude += 2;
    const std::int64_t base = random.Below(3) == 0 ? static_cast<std::int64_t>(random.Below(100) * magnitude) : 0;
    const std::uint64_t rows = g % 7 == 0 ? 1 : g % 5 == 0 ? 2 : 1 + random.Below(25);
    const bool constant = random.Below(20) == 0;
    std::int64_t last = 0;
    const auto number = [&]() -> Value {
      if (random.Below(8) == 0) return Null{};
      if (!constant || last == 0) last = base + static_cast<std::int64_t>(random.Below(magnitude)) - static_cast<std::int64_t>(magnitude / 2);
      return integers ? Value(last) : Value(Decimal{last, scale});
    };
    for (std::uint64_t row = 0; row < rows; ++row) {
      const Value y = number();
      const Value x = number();
      const auto text = [](const Value& value) { return IsNull(value) ? std::string("NULL") : FormatValue(value); };
      script += (first ? "(" : ", (") + std::to_string(g) + ", " + text(y) + ", " + text(x) + ")";
      first = false;
      groups[static_cast<std::size_t>(g)].y.push_back(y);
      groups[static_cast<std::size_t>(g)].x.push_back(x);
    }
  }
  ASSERT_TRUE(SharedServer().Execute(script + ";").ok());
  std::string sql = "SELECT g";
  for (const Case& of : kCases) sql += std::string(", ") + of.sql;
  const auto table = SharedServer().Query(sql + " FROM statistics GROUP BY g ORDER BY g");
  ASSERT_TRUE(table.ok()) << table.status();
  ASSERT_EQ(table->rows.size(), static_cast<std::size_t>(kGroups));
  std::size_t column = 0;
  for (const Case& of : kCases) {
    ++column;
    planner::AggregateCall call;
    call.function = of.function;
    call.fraction = of.fraction;
    call.descending = of.descending;
    call.type = of.function == AggregateFunction::kSum                    ? kNumericType
                : of.function == AggregateFunction::kPercentileContinuous ? kDoubleType
                                                                          : type;
    const bool two = !of.exact || of.function == AggregateFunction::kRegressionCount;
    for (std::size_t g = 0; g < groups.size(); ++g) {
      ValueAccumulator accumulator(call);
      for (std::size_t row = 0; row < groups[g].y.size(); ++row) {
        ASSERT_TRUE(accumulator.Add(groups[g].y[row], two ? &groups[g].x[row] : nullptr).ok());
      }
      const auto result = accumulator.Result();
      ASSERT_TRUE(result.ok()) << result.status() << " " << of.sql;
      const engine::TextCell& expected = table->rows[g][column];
      // Of a constant PostgreSQL's doubles may make a deviation that there is not.
      if (!of.exact && HasConstant(groups[g])) continue;
      ASSERT_EQ(IsNull(*result), !expected.has_value()) << of.sql << " of group " << g;
      if (!expected) continue;
      if (of.exact) {
        ASSERT_EQ(FormatValue(*result), *expected) << of.sql << " of group " << g;
        continue;
      }
      const double theirs = std::stod(*expected);
      const double ours = std::get<double>(*result);
      // Numbers far from zero that vary little: PostgreSQL's accumulation keeps about ten digits of those, and of a value near
      // zero nothing but its rounding errors, which are measured against the terms.
      double terms = 1;
      for (const Value& y : groups[g].y) terms = std::max(terms, IsNull(y) ? 0 : std::fabs(std::stod(FormatValue(y))));
      const bool ratio = of.function == AggregateFunction::kCorrelation || of.function == AggregateFunction::kRegressionR2;
      ASSERT_NEAR(ours, theirs, std::max(std::fabs(theirs), ratio ? 1.0 : terms) * 1e-10) << of.sql << " of group " << g;
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Numbers, ReferenceStatistics, testing::Bool());

}  // namespace
}  // namespace care::connectors
