// The texts that are read as a DATE; the same are compared with PostgreSQL in tests/sql/dialect/constants.test.
#include "engine/types/date_text.h"

#include "engine/types/date.h"
#include "gtest/gtest.h"

namespace care {
namespace {

TEST(DateText, ReadsWhatNoDateStyleChanges) {
  for (const char* text :
       {"2020-01-05", "2020-1-5", "2020/01/05", " 20200105 ", "200105", "2020-005", "2020.005", "J2458854",
        "2020-01-05 12:30", "2020-01-05T23:59:59.999", "20200105T123000", "2020-01-05 24:00:00",
        "2020-01-05 +00", "2020-01-05 +1", "2020-01-05T23:59:59Z", "2020-01-05 23:59-1130", "2020-01-05 00:00:00.000000 +05:30", "2020-01-05 Z"}) {
    const auto days = ReadDateText(text);
    ASSERT_TRUE(days.ok()) << text;
    EXPECT_EQ(FormatDate(*days), "2020-01-05") << text;
  }
  EXPECT_EQ(FormatDate(*ReadDateText("700105")), "1970-01-05");
  EXPECT_EQ(FormatDate(*ReadDateText("2020.366")), "2020-12-31");
}

TEST(DateText, RefusesTheRest) {
  for (const char* text : {"",
                           "2020",
                           "2020-01",
                           "01-05-2020",
                           "5/1/2020",
                           "2020.01.05",
                           "2020-01/05",
                           "2020-01-05x",
                           "2020-01-05T",
                           "2020-01-05 25:00",
                           "2020-01-05 12:60",
                           "2020-13-01",
                           "2020-02-30",
                           "20200230",
                           "2021.366",
                           "2020.000",
                           "0000-01-01",
                           "J",
                           "J99999999",
                           "J1",
                           "yesterday",
                           "2020-01-05T+00",
                           "2020-01-05 +16",
                           "2020-01-05 +",
                           "2020-01-05 12:30+05:60",
                           "2020-01-05 12:30 +00 more",
                           "2020-01-05 12:30:00 more"}) {
    EXPECT_FALSE(ReadDateText(text).ok()) << text;
  }
}

}  // namespace
}  // namespace care
