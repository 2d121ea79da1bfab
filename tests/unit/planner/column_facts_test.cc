// What is publicly known of a value: ranges that 63 bits do not hold are forgotten, whatever arithmetic makes of them.
#include "planner/logical/column_facts.h"

#include "gtest/gtest.h"

namespace care::planner {
namespace {

TEST(ColumnFacts, LiteralsOfManyDigitsHaveNoRange) {
  const DataType cents = {TypeKind::kNumeric, 0, 2};
  const auto range = [&](const Decimal& value) { return FactsOf(MakeLiteral(value, cents), {}).range; };
  const auto small = range(Decimal{12, 0});
  ASSERT_TRUE(small.has_value());
  EXPECT_TRUE(small->low == 1200 && small->high == 1200);
  EXPECT_FALSE(range(Decimal{Int128{INT64_MAX}, 0}).has_value());
  // In hundredths 44 more than 2^128.
  const auto large = ParseDecimal("3402823669209384634633746074317682115");
  ASSERT_TRUE(large.ok());
  EXPECT_FALSE(range(*large).has_value());
}

}  // namespace
}  // namespace care::planner
