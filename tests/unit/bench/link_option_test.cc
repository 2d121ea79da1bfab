// Purpose: `--link` takes what the documentation shows, says what it means, and refuses the rest.
// Method: texts in, numbers out, and back.
#include "engine/frontend/bench/link_option.h"

#include <gtest/gtest.h>

namespace care::engine {
namespace {

TEST(LinkOption, TimesAndRates) {
  const auto link = ParseLink("50ms,100mbit");
  ASSERT_TRUE(link.ok());
  EXPECT_EQ(link->round_us, 50'000u);
  EXPECT_EQ(link->megabit_per_second, 100u);
  EXPECT_EQ(ParseLink("1s,10gbit")->round_us, 1'000'000u);
  EXPECT_EQ(ParseLink("1s,10gbit")->megabit_per_second, 10'000u);
  EXPECT_EQ(ParseLink("250us,1mbit")->round_us, 250u);
}

TEST(LinkOption, TextIsReadAgain) {
  for (const char* text : {"50ms,100mbit", "1s,10gbit", "250us,1500mbit", "10s,1000gbit"}) {
    EXPECT_EQ(LinkText(*ParseLink(text)), text);
  }
}

TEST(LinkOption, AnythingElseIsRefusedWithAnExample) {
  for (const char* text : {"", "50ms", "50,100", "50ms,100mbit,1", "0ms,100mbit", "50ms,0mbit", "-1ms,1mbit",
                           "11s,1mbit", "1ms,1001gbit", "18446744073709551616us,1mbit", "ms,mbit", "100mbit,50ms"}) {
    const auto link = ParseLink(text);
    ASSERT_FALSE(link.ok()) << text;
    EXPECT_NE(link.status().message().find("50ms,100mbit"), std::string::npos) << text;
  }
}

}  // namespace
}  // namespace care::engine
