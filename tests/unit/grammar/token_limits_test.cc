// Hostile input ends in an error, never in a crash: deep nesting, long chains, huge and random texts.
#include <random>
#include <string>

#include "gmock/gmock.h"
#include "grammar/ast_print.h"
#include "grammar/parser.h"
#include "grammar/source_text.h"
#include "gtest/gtest.h"

namespace care::sql {
namespace {

using testing::HasSubstr;

std::string Repeat(const std::string& text, std::size_t times) {
  std::string repeated;
  for (std::size_t index = 0; index < times; ++index) repeated += text;
  return repeated;
}

std::string ErrorOf(const std::string& sql) {
  const absl::StatusOr<Statement> statement = Parse(sql);
  return statement.ok() ? "no error" : std::string(statement.status().message());
}

TEST(TokenLimits, NestingUpToTheLimitParses) {
  const auto nested = [](std::size_t depth) {
    return "SELECT " + Repeat("(", depth) + "1" + Repeat(")", depth);
  };
  EXPECT_EQ(ErrorOf(nested(kMaximumNesting)), "no error");
  EXPECT_THAT(ErrorOf(nested(kMaximumNesting + 1)), HasSubstr("nested too deeply"));
  EXPECT_THAT(ErrorOf("SELECT " + Repeat("(", 400'000)), HasSubstr("nested too deeply"));
  EXPECT_THAT(ErrorOf("SELECT " + Repeat("CASE WHEN ", 90'000)), HasSubstr("nested too deeply"));
}

TEST(TokenLimits, ChainsUpToTheLimitParse) {
  EXPECT_EQ(ErrorOf("SELECT 1 WHERE a" + Repeat(" AND a", kMaximumOperatorChain)), "no error");
  EXPECT_THAT(ErrorOf("SELECT 1 WHERE a" + Repeat(" AND a", kMaximumOperatorChain + 1)),
              HasSubstr("too complex"));
  EXPECT_THAT(ErrorOf("SELECT " + Repeat("- ", 300'000) + "1"), HasSubstr("too complex"));
  EXPECT_THAT(ErrorOf("SELECT " + Repeat("NOT ", 200'000) + "1"), HasSubstr("too complex"));
  EXPECT_THAT(ErrorOf("SELECT 1" + Repeat(" UNION SELECT 1", 60'000)), HasSubstr("too complex"));
  // Short chains that hang below one another are a long one.
  EXPECT_THAT(ErrorOf("SELECT " + Repeat("(", 100) + "1" + Repeat(Repeat("+1", 20) + ")", 100)),
              HasSubstr("too complex"));
}

TEST(TokenLimits, ListsMayBeLong) {
  EXPECT_EQ(ErrorOf("SELECT 1 WHERE a IN (-1" + Repeat(", -1", 5'000) + ")"), "no error");
}

TEST(SourceText, RefusesWhatIsNoText) {
  EXPECT_THAT(ErrorOf(std::string(kMaximumStatementBytes + 1, ' ')),
              HasSubstr("at most 1000000 are accepted"));
  EXPECT_THAT(ErrorOf(std::string("SELECT \0 1", 10)), HasSubstr("NUL character at byte 8"));
  EXPECT_THAT(ErrorOf("SELECT '\xff'"), HasSubstr("not valid UTF-8 at byte 9"));
  EXPECT_THAT(ErrorOf("SELECT '\xed\xa0\x80'"), HasSubstr("not valid UTF-8"));  // a surrogate
  EXPECT_THAT(ErrorOf("SELECT '\xc0\xaf'"), HasSubstr("not valid UTF-8"));      // overlong
  EXPECT_EQ(ErrorOf("\xef\xbb\xbfSELECT 'na\xc3\xafve \xf0\x9f\x8f\xa5'"), "no error");
}

TEST(Parse, RandomBytesEndInAnAnswer) {
  std::mt19937 random(1);
  for (int round = 0; round < 2'000; ++round) {
    std::string bytes(random() % 60, ' ');
    for (char& c : bytes) c = static_cast<char>(round % 2 == 0 ? random() % 256 : 32 + random() % 95);
    const absl::StatusOr<Statement> statement = Parse(bytes);
    if (!statement.ok()) {
      EXPECT_FALSE(statement.status().message().empty());
    }
  }
}

TEST(Parse, RandomWordsThatParseAlsoRoundTrip) {
  const std::vector<std::string> words = {
      "SELECT", "a",    "b",   "FROM", "t",     ",",     "(",        ")",     "WHERE",   "AND",
      "NOT",    "1",    "'x'", "+",    "-",     "*",     "IS",       "NULL",  "IN",      "CASE",
      "WHEN",   "THEN", "END", "JOIN", "ON",    "GROUP", "BY",       "count", "BETWEEN", "LIKE",
      "::",     "int",  ".",   "=",    "UNION", "AS",    "INTERVAL", "OVER",  "EXISTS",  "LIMIT"};
  std::mt19937 random(2);
  for (int round = 0; round < 4'000; ++round) {
    std::string sql = "SELECT";
    for (std::size_t count = random() % 14; count > 0; --count) sql += " " + words[random() % words.size()];
    const absl::StatusOr<Statement> statement = Parse(sql);
    if (!statement.ok()) continue;
    const std::string printed = Print(*statement);
    const absl::StatusOr<Statement> again = Parse(printed);
    ASSERT_TRUE(again.ok()) << sql << "\n" << printed << "\n" << again.status().message();
    EXPECT_EQ(Print(*again), printed) << sql;
  }
}

}  // namespace
}  // namespace care::sql
