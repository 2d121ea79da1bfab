// Purpose: what a benchmark prints keeps the keys that scripts read, and says which limits were missed.
// Method: figures made by hand.
#include "engine/frontend/bench/figures.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace care::engine {
namespace {

using testing::HasSubstr;
using testing::Not;

Figures Example() {
  Figures figures;
  figures.name = "equal-64";
  figures.rows = 1000;
  figures.seconds = 2;
  figures.core_seconds = 3;
  figures.rounds = 6;
  figures.bytes_sent = {8064, 9000, 8064};
  figures.peak_rss_bytes = 25'000'000;
  figures.limit_seconds = 0.5;
  figures.targets = {{"seconds", 2, 0.2}, {"bytes a row and party", 8, 8.2}};
  return figures;
}

TEST(Figures, JsonHasExactlyTheKeys) {
  const auto json = nlohmann::json::parse(FiguresAsJson(Example()));
  std::vector<std::string> keys;
  for (const auto& [key, value] : json.items()) keys.push_back(key);
  EXPECT_THAT(keys, testing::UnorderedElementsAre("name", "rows", "seconds", "core_seconds", "rounds",
                                                  "bytes_per_party", "peak_rss_bytes", "limit_seconds",
                                                  "limit_percent", "detail"));
  EXPECT_EQ(json["bytes_per_party"], 9000);
  EXPECT_EQ(json["limit_percent"], 25);
  EXPECT_EQ(json["detail"]["targets"].size(), 2u);
  EXPECT_THAT(FiguresAsJson(Example()), Not(HasSubstr("\n")));
}

TEST(Figures, LineSaysWhichLimitWasMissed) {
  const std::string line = FiguresAsLine(Example());
  EXPECT_THAT(line, HasSubstr("seconds: 2 > 0.2"));
  EXPECT_THAT(line, Not(HasSubstr("bytes a row")));
  Figures fast = Example();
  fast.targets[0].measured = 0.1;
  EXPECT_THAT(FiguresAsLine(fast), testing::EndsWith("yes"));
}

TEST(Figures, OfAPartySurviveTheLine) {
  PartyFigures figures;
  figures.seconds = 1.5;
  figures.bytes_sent = 12;
  figures.steps["local"] = 0.25;
  const auto read = PartyFigures::FromJson(figures.ToJson());
  ASSERT_TRUE(read.ok());
  EXPECT_EQ(read->ToJson(), figures.ToJson());
  EXPECT_FALSE(PartyFigures::FromJson("killed").ok());
}

}  // namespace
}  // namespace care::engine
