// The calendar: leap years, ends of months, and the limits of what is a date.
#include "engine/types/date.h"

#include <string>

#include "gtest/gtest.h"

namespace care {
namespace {

std::string Shifted(const std::string& date, int months) {
  const absl::StatusOr<std::int32_t> days = AddMonths(ParseDate(date).value(), months);
  return days.ok() ? FormatDate(*days) : "out of range";
}

TEST(Date, CountsDaysFromTheEpoch) {
  EXPECT_EQ(DaysFromCivil({1970, 1, 1}), 0);
  EXPECT_EQ(DaysFromCivil({1969, 12, 31}), -1);
  EXPECT_EQ(DaysFromCivil({2000, 3, 1}), 11017);
  EXPECT_EQ(DaysFromCivil({2024, 2, 29}), 19782);
}

TEST(Date, EveryDayOfEightCenturiesComesBack) {
  CivilDate expected{1599, 12, 31};
  for (std::int32_t day = DaysFromCivil({1600, 1, 1}); day <= DaysFromCivil({2400, 12, 31}); ++day) {
    if (++expected.day > DaysInMonth(expected.year, expected.month)) {
      expected.day = 1;
      if (++expected.month > 12) {
        expected.month = 1;
        ++expected.year;
      }
    }
    ASSERT_EQ(CivilFromDays(day), expected);
    ASSERT_EQ(DaysFromCivil(expected), day);
  }
}

TEST(DaysInMonth, KnowsLeapYears) {
  EXPECT_EQ(DaysInMonth(2024, 2), 29);
  EXPECT_EQ(DaysInMonth(2023, 2), 28);
  EXPECT_EQ(DaysInMonth(2000, 2), 29);
  EXPECT_EQ(DaysInMonth(1900, 2), 28);
  EXPECT_EQ(DaysInMonth(2023, 4), 30);
}

TEST(AddMonths, KeepsTheDayOrTakesTheMonthsLast) {
  EXPECT_EQ(Shifted("2023-03-31", -1), "2023-02-28");
  EXPECT_EQ(Shifted("2024-03-31", -1), "2024-02-29");
  EXPECT_EQ(Shifted("2024-02-29", 12), "2025-02-28");
  EXPECT_EQ(Shifted("2024-02-29", -12), "2023-02-28");
  EXPECT_EQ(Shifted("2024-02-29", 48), "2028-02-29");
  EXPECT_EQ(Shifted("2023-01-31", 1), "2023-02-28");
  EXPECT_EQ(Shifted("2023-01-31", 13), "2024-02-29");
  EXPECT_EQ(Shifted("2023-12-15", 1), "2024-01-15");
  EXPECT_EQ(Shifted("2023-01-15", -1), "2022-12-15");
  EXPECT_EQ(Shifted("2023-05-31", 0), "2023-05-31");
}

TEST(AddMonths, StaysWithinTheYears1To9999) {
  EXPECT_EQ(Shifted("9999-12-31", 1), "out of range");
  EXPECT_EQ(Shifted("0001-01-01", -1), "out of range");
  EXPECT_EQ(Shifted("9999-11-30", 1), "9999-12-30");
  EXPECT_EQ(Shifted("2000-01-01", 2147483647), "out of range");
  EXPECT_EQ(Shifted("2000-01-01", -2147483647 - 1), "out of range");
}

TEST(ParseDate, ReadsIsoDatesAndNothingElse) {
  EXPECT_EQ(ParseDate("1970-01-02").value(), 1);
  EXPECT_EQ(FormatDate(ParseDate("0001-01-01").value()), "0001-01-01");
  for (const char* text :
       {"", "2023-02-29", "2023-13-01", "2023-00-10", "2023-01-32", "2023-1-1", "20230101", "2023-01-01 ",
        " 2023-01-01", "0000-01-01", "2023/01/01", "-023-01-01", "2023-01-0a"}) {
    EXPECT_FALSE(ParseDate(text).ok()) << text;
  }
}

}  // namespace
}  // namespace care
