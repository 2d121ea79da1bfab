// Timestamps: what PostgreSQL reads and prints, and how it adds and truncates. Every expected text is PostgreSQL 15's.
#include "engine/types/timestamp.h"

#include <gtest/gtest.h>

#include <string>

namespace care {
namespace {

std::string Reread(const char* text, bool zoned = false) {
  const absl::StatusOr<std::int64_t> read = ReadTimestampText(text, zoned);
  return read.ok() ? FormatTimestamp({*read, zoned}) : "refused";
}

std::string Moved(const char* text, const Interval& interval) {
  const absl::StatusOr<std::int64_t> moved = AddInterval(*ReadTimestampText(text, false), interval);
  return moved.ok() ? FormatTimestamp({*moved, false}) : "out of range";
}

TEST(Timestamp, ReadsWhatPostgresReads) {
  EXPECT_EQ(Reread("2024-01-31 10:00:00"), "2024-01-31 10:00:00");
  EXPECT_EQ(Reread("2024-01-31T10:00:00.250"), "2024-01-31 10:00:00.25");
  EXPECT_EQ(Reread(" 2024-01-31  9:05 "), "2024-01-31 09:05:00");
  EXPECT_EQ(Reread("2024-01-31"), "2024-01-31 00:00:00");
  EXPECT_EQ(Reread("20240131 10:00"), "2024-01-31 10:00:00");
  EXPECT_EQ(Reread("2024-01-31 10:00:00.1234567"), "2024-01-31 10:00:00.123457");
  EXPECT_EQ(Reread("2024-01-31 10:00:00.0000005"), "2024-01-31 10:00:00");
  EXPECT_EQ(Reread("2024-01-31 10:00:00.0000015"), "2024-01-31 10:00:00.000002");
  EXPECT_EQ(Reread("2024-01-31 10:00:00.1234565"), "2024-01-31 10:00:00.123456");
  EXPECT_EQ(Reread("2024-01-31 23:59:60"), "2024-02-01 00:00:00");
  EXPECT_EQ(Reread("2024-031 10:00"), "2024-01-31 10:00:00");
  EXPECT_EQ(Reread("2024-01-31 23:59:59.9999999"), "2024-02-01 00:00:00");
  EXPECT_EQ(Reread("2024-01-31 24:00:00"), "2024-02-01 00:00:00");
  EXPECT_EQ(Reread("1969-12-31 23:59:59.5"), "1969-12-31 23:59:59.5");
  EXPECT_EQ(Reread("0001-01-01 00:00:00"), "0001-01-01 00:00:00");
  EXPECT_EQ(Reread("9999-12-31 23:59:59.999999"), "9999-12-31 23:59:59.999999");
}

TEST(Timestamp, OnlyAnInstantObeysAnOffset) {
  EXPECT_EQ(Reread("2024-01-31 10:00:00+02", true), "2024-01-31 08:00:00+00");
  EXPECT_EQ(Reread("2024-01-31 10:00:00 -05:30", true), "2024-01-31 15:30:00+00");
  EXPECT_EQ(Reread("2024-01-31 10:00:00Z", true), "2024-01-31 10:00:00+00");
  EXPECT_EQ(Reread("2024-01-31 10:00:00", true), "2024-01-31 10:00:00+00");
  EXPECT_EQ(Reread("2024-01-31 10:00:00+02", false), "2024-01-31 10:00:00");
}

TEST(Timestamp, RefusesOthers) {
  for (const char* text : {"", "10:00", "2024-02-30 10:00", "2024-01-31 25:00", "2024-01-31 10:60", "2024-01-31 24:00:01",
                           "2024-01-31 10", "2024-01-31 10:00 x", "2024-01-31 10:00+", "2024-01-31 10:00+16", "2024-01-31 10:000",
                           "9999-12-31 24:00", "2024-01-31 "}) {
    const std::string read = Reread(text);
    if (std::string(text) == "2024-01-31 ") {
      EXPECT_EQ(read, "2024-01-31 00:00:00");
    } else {
      EXPECT_EQ(read, "refused") << text;
    }
  }
}

TEST(Timestamp, AddsMonthsThenDaysThenTime) {
  EXPECT_EQ(Moved("2024-01-31 10:00:00", {1, 0, 0}), "2024-02-29 10:00:00");
  EXPECT_EQ(Moved("2024-01-31 10:00:00", {1, 1, 0}), "2024-03-01 10:00:00");
  EXPECT_EQ(Moved("2024-03-31 00:00:00", {-1, 0, -kMicrosecondsOfSecond}), "2024-02-28 23:59:59");
  EXPECT_EQ(Moved("1970-01-01 00:00:00", {0, 0, -1}), "1969-12-31 23:59:59.999999");
  EXPECT_EQ(Moved("9999-12-31 23:59:59.999999", {0, 0, 1}), "out of range");
  EXPECT_EQ(Moved("0001-01-01 00:00:00", {0, 0, -1}), "out of range");
}

TEST(Timestamp, TruncatesTowardsThePast) {
  const std::int64_t before = *ReadTimestampText("1969-12-31 22:58:57.5", false);
  EXPECT_EQ(FormatTimestamp({*TruncateTime("hour", before), false}), "1969-12-31 22:00:00");
  EXPECT_EQ(FormatTimestamp({*TruncateTime("minute", before), false}), "1969-12-31 22:58:00");
  EXPECT_EQ(FormatTimestamp({*TruncateTime("second", before), false}), "1969-12-31 22:58:57");
  EXPECT_FALSE(TruncateTime("day", before).ok());
}

}  // namespace
}  // namespace care
