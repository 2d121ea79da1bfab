// What people read when a statement is wrong: the exact text, caret included.
#include <string>

#include "gmock/gmock.h"
#include "grammar/parser.h"
#include "grammar/query_error.h"
#include "gtest/gtest.h"

namespace care::sql {
namespace {

using testing::HasSubstr;

std::string ErrorOf(const std::string& sql) {
  const absl::StatusOr<Statement> statement = Parse(sql);
  return statement.ok() ? "no error" : std::string(statement.status().message());
}

TEST(SyntaxError, PointsAtTheWord) {
  EXPECT_EQ(ErrorOf("SELECT a,\n\tcount(*) FORM t\nWHERE x"),
            "error: syntax error at or near \"t\"\n"
            "LINE 2:  count(*) FORM t\n"
            "                       ^\n"
            "hint: did you mean FROM instead of FORM?");
  EXPECT_EQ(ErrorOf("SELECT a FROM t WHERE"),
            "error: syntax error at end of input\n"
            "LINE 1: SELECT a FROM t WHERE\n"
            "                             ^");
  EXPECT_EQ(ErrorOf("SELECT a, FROM t"),
            "error: syntax error at or near \"FROM\"\n"
            "LINE 1: SELECT a, FROM t\n"
            "                  ^\n"
            "hint: remove the comma before FROM");
}

TEST(SyntaxError, SaysWhatIsWrong) {
  EXPECT_EQ(ErrorOf(""), "error: the statement is empty\nhint: write a SELECT");
  EXPECT_EQ(ErrorOf(" -- nothing\n"), "error: the statement is empty\nhint: write a SELECT");
  EXPECT_THAT(ErrorOf("SELECT 1; SELECT 2"), HasSubstr("only one statement may be sent at a time"));
  EXPECT_THAT(ErrorOf("delete from t"), HasSubstr("DELETE is not accepted: data is only read here"));
  EXPECT_THAT(ErrorOf("CREATE TABLE t (a int)"), HasSubstr("CREATE is not accepted"));
  EXPECT_THAT(ErrorOf("SELECT 'abc"), HasSubstr("unterminated quoted string"));
  EXPECT_THAT(ErrorOf("SELECT /* abc"), HasSubstr("unterminated /* comment"));
  EXPECT_THAT(ErrorOf("SELECT 12ab"), HasSubstr("trailing junk after numeric literal at or near \"12ab\""));
  EXPECT_THAT(ErrorOf("SELECT ? FROM t"), HasSubstr("syntax error at or near \"?\""));
  EXPECT_THAT(ErrorOf("SELECT x FROM (SELECT 1)"), HasSubstr("subquery in FROM must have an alias"));
  EXPECT_THAT(ErrorOf("SELECT x INTO y FROM z"), HasSubstr("INTO is not supported here"));
}

TEST(SyntaxError, HintsAtWhatIsMissing) {
  EXPECT_THAT(ErrorOf("SELECT x FROM a JOIN b WHERE x"), HasSubstr("a JOIN needs its condition"));
  EXPECT_THAT(ErrorOf("SELECT x FROM (SELECT y FROM a JOIN b) t"), HasSubstr("a JOIN needs its condition"));
  EXPECT_THAT(ErrorOf("SELECT x FROM a CROSS JOIN b ON x"), HasSubstr("leave out CROSS"));
  EXPECT_THAT(ErrorOf("SELECT x FROM a JOIN b ON x JOIN c"), HasSubstr("a JOIN needs its condition"));
  EXPECT_THAT(ErrorOf("SELECT x FROM a JOIN b ON x WHERE"), Not(HasSubstr("JOIN needs")));
  EXPECT_THAT(ErrorOf("SELECT x FROM a GROUP x"), HasSubstr("write GROUP BY"));
  EXPECT_THAT(ErrorOf("SELECT x FROM a WHERE x == 1"), HasSubstr("equality is written with one ="));
  EXPECT_THAT(ErrorOf("SELECT x FROM a WHERE (x = 1"), HasSubstr("a ( is not closed"));
  EXPECT_THAT(ErrorOf("SELECT x FROM a user"), HasSubstr("is written \"user\""));
}

TEST(SyntaxError, RefusesByName) {
  EXPECT_THAT(ErrorOf("WITH RECURSIVE a AS (SELECT 1) SELECT 1"),
              HasSubstr("WITH RECURSIVE is not supported"));
  EXPECT_THAT(ErrorOf("SELECT DISTINCT ON (a) b FROM t"), HasSubstr("DISTINCT ON is not supported"));
  EXPECT_THAT(ErrorOf("SELECT 1 WHERE a = ANY (b)"), HasSubstr("of other than a subquery or a constant array"));
  EXPECT_THAT(ErrorOf("SELECT 1 WHERE a < ANY (ARRAY[1, 2])"), HasSubstr("other than = ANY and <> ALL"));
  EXPECT_THAT(ErrorOf("SELECT 1 WHERE a = ANY ('{{1},{2}}')"), HasSubstr("an array of one dimension"));
  EXPECT_THAT(ErrorOf("SELECT a::double precision"), HasSubstr("no error"));
  EXPECT_THAT(ErrorOf("SELECT a::money"), HasSubstr("type \"money\" is not supported"));
  EXPECT_THAT(ErrorOf("SELECT CAST(a AS time with time zone)"), HasSubstr("time with time zone"));
  EXPECT_THAT(ErrorOf("SELECT INTERVAL '3 fortnights'"), HasSubstr("hours, minutes and seconds"));
  EXPECT_THAT(ErrorOf("SELECT DATE '2023-02-29'"), HasSubstr("invalid date"));
  EXPECT_THAT(ErrorOf("SELECT * FROM km_survival(1)"), HasSubstr("km_survival is not supported yet"));
}

TEST(QueryError, ClipsALongLineAroundTheCaret) {
  const std::string sql = "SELECT " + std::string(300, 'a') + " + ) + " + std::string(300, 'b');
  const std::string error = ErrorOf(sql);
  EXPECT_EQ(error, "error: syntax error at or near \")\"\nLINE 1: ..." + std::string(45, 'a') + " + ) + " +
                       std::string(44, 'b') + "...\n" + std::string(8 + 3 + 48, ' ') + "^");
}

TEST(QueryError, ComposesMessageExcerptAndHint) {
  const absl::Status error = QueryError("SELECT foo", SourcePosition{1, 8, 7, 3},
                                        "column \"foo\" does not exist", "did you mean \"food\"?");
  EXPECT_EQ(error.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(error.message(),
            "error: column \"foo\" does not exist\n"
            "LINE 1: SELECT foo\n"
            "               ^\n"
            "hint: did you mean \"food\"?");
}

TEST(NearestName, FindsMisspellingsOnly) {
  const std::vector<std::string> names = {"patients", "persons", "claims", "amount"};
  EXPECT_EQ(NearestName("pateints", names), "patients");
  EXPECT_EQ(NearestName("PATIENTS", names), "patients");
  EXPECT_EQ(NearestName("claim", names), "claims");
  EXPECT_EQ(NearestName("amuont", names), "amount");
  EXPECT_EQ(NearestName("enrolment", names), "");
  EXPECT_EQ(NearestName("x", {"y"}), "");
}

}  // namespace
}  // namespace care::sql
