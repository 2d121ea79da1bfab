// Parameters become literals of one statement, whose length is bounded before it is made.

#include "grammar/parameters.h"

#include "gtest/gtest.h"
#include "grammar/source_text.h"

namespace care::sql {
namespace {

TEST(Parameters, ALongLiteralInManyPlacesIsRefused) {
  const std::string literal = QuoteLiteral(std::string(kMaximumStatementBytes / 4, 'x'));
  EXPECT_TRUE(TextWithParameters::Replace("SELECT $1, $1, $1", {literal}).ok());
  std::string sql = "SELECT $1";
  for (int i = 0; i < 1000; ++i) sql += ", $1";
  const auto text = TextWithParameters::Replace(sql, {literal});
  ASSERT_FALSE(text.ok());
  EXPECT_NE(text.status().message().find("with its parameters"), std::string::npos);
}

TEST(Parameters, NothingLeavesItsLiteral) {
  const auto text = TextWithParameters::Replace("SELECT '$1', $1 -- $1", {QuoteLiteral("'; -- /* $1")});
  ASSERT_TRUE(text.ok());
  EXPECT_EQ(text->sql(), "SELECT '$1', '''; -- /* $1' -- $1");
}

}  // namespace
}  // namespace care::sql
