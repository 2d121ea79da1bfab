// The texts and digits of floating point, against what PostgreSQL 15 prints for the same numbers.
#include "engine/types/double_text.h"

#include <limits>

#include "gtest/gtest.h"

namespace care {
namespace {

TEST(DoubleText, ShortestDigitsAndPostgresqlsExponents) {
  EXPECT_EQ(FormatDouble(0.1), "0.1");
  EXPECT_EQ(FormatDouble(100000000000000), "100000000000000");
  EXPECT_EQ(FormatDouble(1e15), "1e+15");
  EXPECT_EQ(FormatDouble(1e-5), "1e-05");
  EXPECT_EQ(FormatDouble(-0.0), "-0");
}

TEST(DoubleText, RealsHaveFewerDigitsBeforeTheExponent) {
  EXPECT_EQ(FormatReal(0.1F), "0.1");
  EXPECT_EQ(FormatReal(100000), "100000");
  EXPECT_EQ(FormatReal(1000000), "1e+06");
  EXPECT_EQ(FormatReal(123456789), "1.2345679e+08");
  EXPECT_EQ(FormatReal(0.0001F), "0.0001");
  EXPECT_EQ(FormatReal(0.00001F), "1e-05");
}

TEST(DoubleText, DecimalsHaveSoManySignificantDigits) {
  EXPECT_EQ(DecimalOfDouble(1.0 / 3, 15)->ToString(), "0.333333333333333");
  EXPECT_EQ(DecimalOfDouble(0.1F, 6)->ToString(), "0.1");
  EXPECT_EQ(DecimalOfDouble(2.50, 15)->ToString(), "2.5");
  EXPECT_EQ(DecimalOfDouble(1e20, 15)->ToString(), "100000000000000000000");
  EXPECT_FALSE(DecimalOfDouble(1e40, 15).ok());
  EXPECT_FALSE(DecimalOfDouble(std::numeric_limits<double>::infinity(), 15).ok());
}

}  // namespace
}  // namespace care
