// The binder: plans as text (goldens), what is publicly known of columns, types as PostgreSQL's, and every
// refusal with its exact message, so that a change of wording is a choice. The same text binds to the same
// plan.
#include "planner/logical/binder.h"

#include <string>
#include <vector>

#include "engine/types/date.h"
#include "gmock/gmock.h"
#include "grammar/parser.h"
#include "gtest/gtest.h"
#include "tests/unit/planner/test_federation.h"

namespace care::planner {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

class BinderTest : public ::testing::Test {
 protected:
  BinderTest() : catalog_(*ParseFederation(TestFederation())) {}

  absl::StatusOr<LogicalPlan> TryBind(const std::string& sql) {
    const auto statement = sql::Parse(sql);
    if (!statement.ok()) return statement.status();
    return Bind(std::get<sql::SelectStatement>(*statement), sql, catalog_, {DaysFromCivil({2024, 3, 31})});
  }
  std::string Plan(const std::string& sql) {
    const auto plan = TryBind(sql);
    return plan.ok() ? PrintLogicalPlan(*plan, catalog_) : std::string(plan.status().message());
  }
  // The error without the excerpt: "message | text under the caret | hint".
  std::string Refusal(const std::string& sql) {
    const auto plan = TryBind(sql);
    if (plan.ok()) return "accepted";
    const std::string message(plan.status().message());
    const std::size_t line = message.find("\nLINE ");
    const std::size_t caret_line = message.find('\n', line + 1);
    const std::size_t hint = message.find("\nhint: ");
    const std::size_t end = hint == std::string::npos ? message.size() : hint;
    const std::size_t caret = end - caret_line - 2;  // width before ^
    std::string result = message.substr(std::string("error: ").size(), line - std::string("error: ").size());
    const std::string excerpt = message.substr(line + 1, caret_line - line - 1);
    result += " | " + excerpt.substr(caret, 12);
    if (hint != std::string::npos) result += " | " + message.substr(hint + 7);
    return result;
  }
  std::vector<std::string> Types(const std::string& sql) {
    const auto plan = TryBind(sql);
    if (!plan.ok()) return {std::string(plan.status().message())};
    std::vector<std::string> types;
    for (const OutputColumn& column : plan->output) types.push_back(column.type.ToString());
    return types;
  }

  const Catalog catalog_;
};

TEST_F(BinderTest, CoachingQuestion) {
  EXPECT_EQ(
      Plan(CoachingQuestion()),
      R"(Output education#6 text, uses_app#1 boolean, patients#22 bigint, cost_before#23 numeric, cost_after#24 numeric, change#25 numeric
  Sort education#6 ASC NULLS LAST, uses_app#1 ASC NULLS LAST
    Release
      Aggregate by [education#6, uses_app#1] [count#22 := COUNT(*), avg#23 := AVG(before#20), avg#24 := AVG(after#21), avg#25 := AVG(after#21 - before#20)]
        Project [bsn#0, uses_app#1, education#6, before#20 := COALESCE(sum#18, 0), after#21 := COALESCE(sum#19, 0)]
          Aggregate by [bsn#0, uses_app#1, education#6] [sum#18 := SUM(amount#16) FILTER (WHERE (day#15 >= (index_date#2 + INTERVAL '-12 months')) AND (day#15 < index_date#2)), sum#19 := SUM(amount#16) FILTER (WHERE (day#15 >= index_date#2) AND (day#15 < (index_date#2 + INTERVAL '12 months')))]
            Join left on bsn#14 = bsn#0
              Join inner on (bsn#10 = bsn#0) AND (from_day#11 <= (index_date#2 + INTERVAL '-12 months')) AND (to_day#12 >= (index_date#2 + INTERVAL '12 months'))
                Join inner on bsn#5 = bsn#0
                  Scan hospital.patients [bsn#0, uses_app#1, index_date#2, birth_year#3, sex#4]
                  Scan bureau.persons [bsn#5, education#6, birth_date#7, income_band#8, note#9]
                Scan insurer.enrolment [bsn#10, from_day#11, to_day#12]
              Scan insurer.claims [claim_id#13, bsn#14, day#15, amount#16, category#17]
)");
}

TEST_F(BinderTest, SameTextSamePlan) { EXPECT_EQ(Plan(CoachingQuestion()), Plan(CoachingQuestion())); }

TEST_F(BinderTest, ViewHavingOrderLimit) {
  EXPECT_EQ(Plan("SELECT education, SUM(amount) / COUNT(DISTINCT bsn) AS mean FROM patient_care WHERE day >= "
                 "index_date "
                 "GROUP BY 1 HAVING COUNT(*) > 3 ORDER BY mean DESC LIMIT 3 OFFSET 1"),
            R"(Output education#6 text, mean#18 numeric
  Project [education#6, mean#18 := sum#15 / count#16]
    Limit 3 offset 1
      Sort sum#15 / count#16 DESC NULLS FIRST
        Filter count#17 > 3
          Release
            Aggregate by [education#6] [sum#15 := SUM(amount#13), count#16 := COUNT(DISTINCT bsn#0), count#17 := COUNT(*)]
              Filter day#12 >= index_date#2
                Join left on bsn#11 = bsn#0
                  Join inner on bsn#5 = bsn#0
                    Scan hospital.patients [bsn#0, uses_app#1, index_date#2, birth_year#3, sex#4]
                    Scan bureau.persons [bsn#5, education#6, birth_date#7, income_band#8, note#9]
                  Scan insurer.claims [claim_id#10, bsn#11, day#12, amount#13, category#14]
)");
}

TEST_F(BinderTest, ProjectionOverGroupsIsReleasedBelow) {
  EXPECT_EQ(
      Plan("SELECT t.education, t.n * 2 AS twice FROM (SELECT education, COUNT(*) AS n FROM bureau.persons "
           "GROUP BY education) t WHERE t.n > 10 ORDER BY 2"),
      R"(Output education#1 text, twice#6 bigint
  Project [education#1, twice#6 := count#5 * 2]
    Sort count#5 * 2 ASC NULLS LAST
      Filter count#5 > 10
        Release
          Aggregate by [education#1] [count#5 := COUNT(*)]
            Scan bureau.persons [bsn#0, education#1, birth_date#2, income_band#3, note#4]
)");
}

TEST_F(BinderTest, RightJoinAndUsing) {
  EXPECT_EQ(Plan("SELECT COUNT(*) FROM hospital.patients RIGHT JOIN insurer.insured USING (bsn)"),
            R"(Output count#6 bigint
  Release
    Aggregate by [] [count#6 := COUNT(*)]
      Join left on bsn#0 = bsn#5
        Scan insurer.insured [bsn#5]
        Scan hospital.patients [bsn#0, uses_app#1, index_date#2, birth_year#3, sex#4]
)");
}

TEST_F(BinderTest, ComputedGroupsAreProjectedBelowAndNamed) {
  EXPECT_EQ(Plan("SELECT CASE WHEN birth_year < 1970 THEN 'old' ELSE 'young' END AS band, COUNT(*) "
                 "FROM hospital.patients GROUP BY band"),
            R"(Output band#6 text, count#5 bigint
  Release
    Aggregate by [band#6] [count#5 := COUNT(*)]
      Project [bsn#0, uses_app#1, index_date#2, birth_year#3, sex#4, band#6 := CASE WHEN birth_year#3 < 1970 THEN 'old' ELSE 'young' END]
        Scan hospital.patients [bsn#0, uses_app#1, index_date#2, birth_year#3, sex#4]
)");
}

TEST_F(BinderTest, GroupedPrimaryKeyDeterminesItsTable) {
  EXPECT_THAT(Plan("SELECT uses_app, COUNT(*) FROM (SELECT p.bsn, p.uses_app FROM hospital.patients p JOIN "
                   "hospital.visits v "
                   "ON v.bsn = p.bsn GROUP BY p.bsn) t GROUP BY uses_app"),
              HasSubstr("Aggregate by [bsn#0, uses_app#1] []"));
}

TEST_F(BinderTest, CurrentDateIsTheContexts) {
  EXPECT_THAT(Plan("SELECT COUNT(*) FROM hospital.patients WHERE index_date > CURRENT_DATE - 30"),
              HasSubstr("Filter index_date#2 > (DATE '2024-03-31' + -30)"));
}

TEST_F(BinderTest, FactsTravel) {
  const auto plan = TryBind(
      "SELECT band, score10, COUNT(*) FROM (SELECT CASE WHEN s.birth_date < DATE '1970-01-01' THEN 'old' "
      "WHEN s.birth_date IS NULL THEN NULL ELSE 'young' END AS band, COALESCE(q.score * 10, 5) AS score10, "
      "CAST(p.index_date + INTERVAL '1 month' AS date) AS later FROM hospital.patients p "
      "LEFT JOIN bureau.persons s ON s.bsn = p.bsn JOIN hospital.quality q ON q.bsn = p.bsn) t "
      "WHERE later > DATE '2021-01-01' AND score10 > 5 GROUP BY band, 2 ORDER BY 1");
  // The score's own rule does not make it a group of a released table.
  EXPECT_FALSE(plan.ok());
  const auto inner = TryBind(
      "SELECT SUM(score10) FROM (SELECT CASE WHEN s.birth_date < DATE '1970-01-01' THEN 'old' "
      "WHEN s.birth_date IS NULL THEN NULL ELSE 'young' END AS band, COALESCE(q.score * 10, 5) AS score10, "
      "CAST(p.index_date + INTERVAL '1 month' AS date) AS later, s.education AS level FROM hospital.patients "
      "p "
      "LEFT JOIN bureau.persons s ON s.bsn = p.bsn JOIN hospital.quality q ON q.bsn = p.bsn) t");
  ASSERT_TRUE(inner.ok()) << inner.status();
  const auto find = [&](const std::string& name) {
    for (const ColumnInfo& info : inner->columns) {
      if (info.name == name) return info;
    }
    return ColumnInfo{};
  };
  EXPECT_THAT(find("band").domain, ElementsAre("old", "young"));
  EXPECT_TRUE(find("band").nullable);
  EXPECT_EQ(find("score10").min, 0);
  EXPECT_EQ(find("score10").max, 1000);
  EXPECT_FALSE(find("score10").nullable);
  EXPECT_EQ(find("later").min, DaysFromCivil({2021, 2, 1}));
  EXPECT_EQ(find("later").max, DaysFromCivil({2024, 1, 31}));
  EXPECT_THAT(find("education").domain, ElementsAre("low", "middle", "high"));
  EXPECT_EQ(find("uses_app").nullable, false);
}

TEST_F(BinderTest, TypesAreAsPostgreSqls) {
  EXPECT_THAT(
      Types("SELECT COUNT(*), SUM(birth_year), AVG(birth_year), SUM(CAST(birth_year AS bigint)), "
            "BOOL_OR(uses_app), SUM(birth_year) / 2, SUM(birth_year) / 2.0, SUM(index_date - DATE "
            "'2020-01-01') "
            "FROM hospital.patients"),
      ElementsAre("bigint", "bigint", "numeric", "numeric", "boolean", "bigint", "numeric", "bigint"));
  EXPECT_THAT(Types("SELECT SUM(amount), AVG(amount * 2), SUM(amount) + 1, COALESCE(SUM(amount), 0) FROM "
                    "insurer.claims"),
              ElementsAre("numeric", "numeric", "numeric", "numeric"));
  EXPECT_THAT(
      Types("SELECT SUM(EXTRACT(YEAR FROM index_date)), SUM(CASE WHEN uses_app THEN 1 ELSE 0 END), NULL, 'a' "
            "FROM hospital.patients"),
      ElementsAre("numeric", "bigint", "text", "text"));
}

TEST_F(BinderTest, RefusesRows) {
  const std::string rule =
      "a row of a base table never leaves its owner: the outermost SELECT yields aggregates and GROUP BY "
      "expressions only";
  EXPECT_EQ(Refusal("SELECT bsn FROM hospital.patients"),
            rule + " | bsn FROM hos | write SELECT COUNT(DISTINCT bsn) FROM ...");
  EXPECT_EQ(Refusal("SELECT * FROM hospital.patients"),
            rule + " | * FROM hospi | write SELECT uses_app, COUNT(*) FROM ... GROUP BY uses_app");
  EXPECT_EQ(Refusal("SELECT DISTINCT education, birth_date FROM bureau.persons"),
            "column \"birth_date\" of bureau.persons may not be a group of a released table | birth_date F | its use is aggregate, filter; "
            "only bureau can allow group_key, in the federation file; or group by a CASE that sorts its values into bands");
  EXPECT_EQ(Refusal("SELECT t.n FROM (SELECT bsn, COUNT(*) AS n FROM hospital.visits GROUP BY bsn) t "
                    "JOIN hospital.patients p ON p.bsn = t.bsn"),
            rule + " | t.n FROM (SE | write SELECT n, COUNT(*) FROM ... GROUP BY n");
}

TEST_F(BinderTest, RefusesUsesOfKeys) {
  const std::string constant =
      "key column \"bsn\" is compared with a constant, which would send one person's number to every party";
  const std::string constant_hint = "join on bsn, or count it with COUNT(DISTINCT bsn)";
  EXPECT_EQ(Refusal("SELECT COUNT(*) FROM hospital.patients WHERE bsn = '123456782'"),
            constant + " | bsn = '12345 | " + constant_hint);
  EXPECT_EQ(Refusal("SELECT COUNT(*) FROM hospital.patients WHERE bsn IN ('123456782')"),
            constant + " | bsn IN ('123 | " + constant_hint);
  EXPECT_EQ(Refusal("SELECT COUNT(*) FROM hospital.patients WHERE bsn LIKE '12%'"),
            constant + " | bsn LIKE '12 | " + constant_hint);
  const std::string other =
      "key column \"bsn\" may only be joined with =, counted, or grouped inside a subquery";
  const std::string other_hint =
      "write COUNT(DISTINCT bsn), or GROUP BY bsn in a subquery and aggregate over it";
  EXPECT_EQ(Refusal("SELECT bsn, COUNT(*) FROM hospital.visits GROUP BY bsn"),
            other + " | bsn | " + other_hint);
  EXPECT_EQ(Refusal("SELECT MIN(bsn) FROM hospital.patients"), other + " | bsn) FROM ho | " + other_hint);
  EXPECT_EQ(Refusal("SELECT COUNT(*) FROM hospital.patients WHERE SUBSTRING(bsn, 1, 2) = '12'"),
            other + " | bsn, 1, 2) = | " + other_hint);
  EXPECT_EQ(Refusal("SELECT COUNT(*) FROM hospital.patients p JOIN insurer.insured i ON p.bsn <> i.bsn"),
            other + " | p.bsn <> i.b | " + other_hint);
  EXPECT_EQ(Refusal("SELECT k, COUNT(*) FROM (SELECT CASE WHEN uses_app THEN bsn END AS k FROM "
                    "hospital.patients) t GROUP BY k"),
            other + " | bsn END AS k | " + other_hint);
}

TEST_F(BinderTest, RefusesByColumnRules) {
  EXPECT_EQ(
      Refusal("SELECT MAX(amount) FROM insurer.claims"),
      "column \"amount\" of insurer.claims may not be released as MIN, MAX or a percentile, which is one person's value | "
      "amount) FROM | its use is aggregate, filter; only insurer can allow extreme, in the federation file");
  EXPECT_EQ(Refusal("SELECT COUNT(*) FROM bureau.persons WHERE income_band > 3"),
            "column \"income_band\" of bureau.persons may not be compared or filtered on | income_band  | "
            "its use is aggregate, extreme; only bureau can allow filter, in the federation file");
  EXPECT_EQ(
      Refusal("SELECT birth_year, COUNT(*) FROM hospital.patients GROUP BY birth_year"),
      "column \"birth_year\" of hospital.patients may not be a group of a released table | birth_year | "
      "its use is aggregate, filter; only hospital can allow group_key, in the federation file; or group by "
      "a CASE "
      "that sorts its values into bands");
  EXPECT_EQ(Refusal("SELECT COUNT(note) FROM bureau.persons"),
            "column \"note\" of bureau.persons may not be aggregated | note) FROM b | "
            "its use is never; only bureau can allow aggregate, in the federation file");
  EXPECT_EQ(Refusal("SELECT COUNT(*) FROM (SELECT note FROM bureau.persons) t"),
            "column \"note\" of bureau.persons may not be used at all | note FROM bu | its use is never: "
            "leave it out");
  EXPECT_THAT(Refusal("SELECT rich, COUNT(*) FROM (SELECT bsn, income_band > 3 AS rich FROM bureau.persons "
                      "GROUP BY bsn, income_band) t GROUP BY rich"),
              HasSubstr("column \"income_band\" of bureau.persons may not be compared or filtered on"));
  // Through a subquery the rule stays with the value.
  EXPECT_THAT(
      Refusal("SELECT y, COUNT(*) FROM (SELECT birth_year + 1 AS y FROM hospital.patients) t GROUP BY y"),
      HasSubstr("column \"birth_year\" of hospital.patients may not be a group"));
  EXPECT_THAT(Types("SELECT MAX(income_band) FROM bureau.persons"), ElementsAre("integer"));
}

TEST_F(BinderTest, RefusesWhatCanRaiseOnARow) {
  const std::string why = ": an error that depends on a row would reveal it | ";
  EXPECT_EQ(Refusal("SELECT SUM(100 / score) FROM hospital.quality"),
            "a division by zero can occur on some rows" + why + "100 / score) | write x / NULLIF(y, 0)");
  EXPECT_EQ(Refusal("SELECT COUNT(*) FROM insurer.claims WHERE CAST(category AS integer) > 3"),
            "a cast from text to integer can fail on some rows" + why +
                "CAST(categor | let the owner declare the column with the type that you need");
  EXPECT_EQ(Refusal("SELECT SUM(birth_year * 100000000) FROM hospital.patients"),
            "the result can leave the range of integer on some rows" + why +
                "birth_year * | write CAST(x AS bigint), or let the federation file declare min and max for "
                "the column");
  EXPECT_EQ(Refusal("SELECT SUM(amount / 2) FROM insurer.claims"),
            "an aggregate of a quotient is not supported yet | amount / 2)  | divide after aggregating, or "
            "fix the digits "
            "with ROUND(x / y, 2)");
  EXPECT_THAT(
      Types(
          "SELECT SUM(100 / NULLIF(score, 0)), SUM(score / 3), SUM(score) / COUNT(*) FROM hospital.quality"),
      ElementsAre("bigint", "bigint", "bigint"));
}

// Of more digits together than 128 bits hold.
TEST_F(BinderTest, CastsOfManyDigitsCannotOverflow) {
  EXPECT_THAT(Types("SELECT SUM(CAST(amount * 0.0000000001 AS numeric(38,2))) FROM insurer.claims"), ElementsAre("numeric"));
}

TEST_F(BinderTest, RefusesNamesWithTheNearest) {
  EXPECT_EQ(
      Refusal("SELECT COUNT(*) FROM hospital.patient"),
      "relation \"hospital.patient\" does not exist | hospital.pat | did you mean \"hospital.patients\"?");
  EXPECT_EQ(
      Refusal("SELECT COUNT(*) FROM insurer.patients"),
      "relation \"insurer.patients\" does not exist | insurer.pati | did you mean \"hospital.patients\"?");
  EXPECT_EQ(Refusal("SELECT COUNT(*) FROM hospital.patients p WHERE p.use_app"),
            "column \"p.use_app\" does not exist | p.use_app | did you mean \"p.uses_app\"?");
  EXPECT_EQ(Refusal("SELECT COUNT(*) FROM hospital.patients p WHERE patients.uses_app"),
            "missing FROM-clause entry for table \"patients\" | patients.use | FROM names p");
  EXPECT_EQ(
      Refusal("SELECT COUNT(bsn) FROM hospital.patients p JOIN insurer.insured i ON i.bsn = p.bsn"),
      "column reference \"bsn\" is ambiguous | bsn) FROM ho | write the table's name in front, as p.bsn or i.bsn");
  EXPECT_EQ(Refusal("SELECT cuont(*) FROM hospital.patients"),
            "function cuont() does not exist | cuont(*) FRO | did you mean \"count\"?");
  EXPECT_EQ(Refusal("SELECT COUNT(*) FROM broken"),
            "in view \"broken\": column \"p.educaton\" does not exist | p.educaton F | "
            "there are p.bsn, p.uses_app, p.index_date, p.birth_year, p.sex");
}

TEST_F(BinderTest, RefusesTypeErrorsAsPostgreSql) {
  EXPECT_EQ(Refusal("SELECT COUNT(*) FROM hospital.patients WHERE index_date > 5"),
            "operator does not exist: date > integer | index_date > | dates are written DATE '2024-01-31'");
  EXPECT_EQ(Refusal("SELECT COUNT(*) FROM hospital.patients WHERE index_date > 'soon'"),
            "invalid input syntax for type date: \"soon\" | 'soon'");
  EXPECT_EQ(Refusal("SELECT COUNT(*) FROM hospital.patients WHERE birth_year"),
            "argument of WHERE must be type boolean, not type integer | birth_year");
  EXPECT_EQ(Refusal("SELECT SUM(uses_app) FROM hospital.patients"),
            "function sum(boolean) does not exist | SUM(uses_app");
  EXPECT_EQ(Refusal("SELECT sex, birth_year FROM hospital.patients GROUP BY sex"),
            "column \"birth_year\" must appear in the GROUP BY clause or be used in an aggregate function | "
            "birth_year F");
  EXPECT_EQ(
      Refusal("SELECT COUNT(*) FROM hospital.patients WHERE COUNT(*) > 1"),
      "aggregate functions are not allowed in WHERE | COUNT(*) > 1 | conditions on groups belong in HAVING");
  EXPECT_EQ(Refusal("SELECT SUM(COUNT(*)) FROM hospital.patients"),
            "aggregate function calls cannot be nested | COUNT(*)) FR");
  EXPECT_EQ(Refusal("SELECT COUNT(*) FROM hospital.patients ORDER BY 2"),
            "ORDER BY position 2 is not in select list | 2");
  EXPECT_EQ(Refusal("SELECT COUNT(*) FROM hospital.patients LIMIT -1"), "LIMIT must not be negative | -1");
}

TEST_F(BinderTest, GroupingNeedsGroups) {
  EXPECT_EQ(Refusal("SELECT GROUPING(sex), COUNT(*) FROM hospital.patients GROUP BY ROLLUP (index_date)"),
            "arguments to GROUPING must be grouping expressions of the associated query level | sex), COUNT(");
  EXPECT_EQ(Refusal("SELECT COUNT(*) FROM hospital.patients WHERE GROUPING(sex) = 0 GROUP BY ROLLUP (sex)"),
            "grouping operations are not allowed in WHERE | GROUPING(sex");
  EXPECT_EQ(Refusal("SELECT uses_app, COUNT(*) FROM hospital.patients GROUP BY ROLLUP (sex)"),
            "column \"uses_app\" must appear in the GROUP BY clause or be used in an aggregate function | uses_app, CO");
}

TEST_F(BinderTest, RefusesParametersWithoutAValue) {
  EXPECT_THAT(Refusal("SELECT COUNT(*) FROM hospital.patients WHERE index_date = $1"),
              HasSubstr("there is no parameter $1 | $1 | a prepared statement's values"));
}

TEST_F(BinderTest, RefusesByNameWhatIsNotSupportedYet) {
  const auto refuses = [&](const std::string& sql, const std::string& construct) {
    EXPECT_THAT(Refusal(sql), HasSubstr(construct + " is not supported yet | ")) << sql;
  };
  refuses("SELECT COUNT(*) FROM hospital.patients, LATERAL (SELECT q.score FROM hospital.quality q) l",
          "LATERAL (SELECT ...) that could yield other than one row");
  refuses("SELECT COUNT(*) FROM hospital.patients GROUP BY CUBE (sex, bsn, index_date, uses_app, (sex), (bsn), (sex, bsn))",
          "GROUP BY of more than 64 grouping sets");
  refuses("SELECT sex, (SELECT COUNT(*) FROM hospital.quality q WHERE q.bsn = p.bsn) FROM hospital.patients p GROUP BY ROLLUP (sex, bsn)",
          "a subquery that refers to a query with ROLLUP, CUBE or GROUPING SETS around it");
  refuses("SELECT COUNT(*) FROM (SELECT bsn FROM hospital.patients LIMIT 5) t",
          "LIMIT without ORDER BY inside an aggregated subquery");
  EXPECT_EQ(Refusal("SELECT COUNT(AGE(index_date)) FROM hospital.patients"),
            "AGE is not supported yet | AGE(index_da | EXTRACT(YEAR FROM AGE(a, b)), of month and of day too, is; a - b is a number of days");
  EXPECT_EQ(Refusal("SELECT COUNT(*) FROM hospital.patients WHERE random() < 1"),
            "RANDOM is volatile: each party would compute another value | random() < 1 | write a constant; "
            "CURRENT_DATE and NOW() are "
            "agreed between the parties");
}

TEST_F(BinderTest, SaysWhetherATextMayAskForTheMoment) {
  Catalog catalog;
  EXPECT_FALSE(MayAskForNow("SELECT COUNT(*) FROM t WHERE d < CURRENT_DATE AND unknown", catalog));
  EXPECT_TRUE(MayAskForNow("SELECT COUNT(*) FROM t WHERE d < Now()", catalog));
  EXPECT_TRUE(MayAskForNow("SELECT COUNT(*) FROM t WHERE d < current_timestamp", catalog));
  catalog.views.push_back({.name = "v", .sql = "SELECT * FROM t WHERE d < LOCALTIMESTAMP"});
  EXPECT_TRUE(MayAskForNow("SELECT COUNT(*) FROM v", catalog));
}

}  // namespace
}  // namespace care::planner
