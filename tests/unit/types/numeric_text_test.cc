// The texts that are read as NUMERIC; the same are compared with PostgreSQL in tests/sql/dialect/constants.test.
#include "engine/types/numeric_text.h"

#include <string>

#include "gtest/gtest.h"

namespace care {
namespace {

TEST(NumericText, ReadsWhatPostgresReads) {
  const auto read = [](const char* text) {
    const auto value = ReadNumericText(text);
    return value.ok() ? value->ToString() : std::string(value.status().message());
  };
  EXPECT_EQ(read("1e2"), "100");
  EXPECT_EQ(read(" 12.50\t"), "12.50");
  EXPECT_EQ(read("+5"), "5");
  EXPECT_EQ(read(".5"), "0.5");
  EXPECT_EQ(read("5."), "5");
  EXPECT_EQ(read("-1.5E-3"), "-0.0015");
  EXPECT_EQ(read("1.50e1"), "15.0");
  EXPECT_EQ(read("0e5"), "0");
}

TEST(NumericText, RefusesTheRest) {
  for (const char* text : {"", " ", ".", "e5", "1e", "1e+", "1 2", "1_000", "0x10", "--1", "1e5e5", "1e2.5"})
    EXPECT_TRUE(absl::IsInvalidArgument(ReadNumericText(text).status())) << text;
  for (const char* text : {"NaN", "-Infinity", "inf", " nan "})
    EXPECT_TRUE(absl::IsUnimplemented(ReadNumericText(text).status())) << text;
  for (const char* text : {"1e39", "1e-39", "1e99999999999999999999", "100000000000000000000e20"})
    EXPECT_TRUE(absl::IsOutOfRange(ReadNumericText(text).status())) << text;
  EXPECT_TRUE(absl::IsOutOfRange(ReadNumericText(std::string(1000, '9')).status()));
}

}  // namespace
}  // namespace care
