// One row, one person: wherever tables of persons meet, the persons are equated. Otherwise the thousands on
// one side would let the gate pass a single person's value on the other.
#include "planner/physical/person_joins.h"

#include "gmock/gmock.h"
#include "tests/unit/planner/planned_questions.h"

namespace care::planner {
namespace {

using testing::HasSubstr;

absl::Status Plan(const std::string& sql) { return PlanQuery(sql, DemoCatalog(), DemoInputs()).status(); }

void ExpectRefused(const std::string& sql) {
  EXPECT_THAT(std::string(Plan(sql).message()), HasSubstr("several persons into one row")) << sql;
}

TEST(PersonJoins, OfOneOwnerAreRefused) {
  ExpectRefused(
      "SELECT SUM(b.score) AS s FROM hospital.patients a CROSS JOIN hospital.quality b WHERE b.score > 99");
  ExpectRefused(
      "SELECT SUM(b.score) AS s FROM hospital.patients a JOIN hospital.quality b ON b.day > a.index_date");
  ExpectRefused(
      "SELECT SUM(b.score) AS s FROM hospital.patients a LEFT JOIN hospital.quality b ON b.day = "
      "a.index_date");
}

TEST(PersonJoins, AnAggregateThatForgotThePersonIsRefused) {
  ExpectRefused(
      "SELECT SUM(b.s) AS s FROM hospital.patients a CROSS JOIN "
      "(SELECT SUM(score) AS s FROM hospital.quality WHERE score > 99) b");
}

// ON of an outer join does not hold where nothing matches, so it cannot vouch for the tables before it.
TEST(PersonJoins, OuterJoinsDoNotVouch) {
  ExpectRefused(
      "SELECT SUM(b.score) AS s FROM hospital.patients a CROSS JOIN hospital.quality b "
      "LEFT JOIN hospital.visits v ON v.bsn = a.bsn AND v.bsn = b.bsn");
}

TEST(PersonJoins, DeepInAFederatedQueryAreRefused) {
  ExpectRefused(
      "SELECT SUM(x.s) AS s FROM bureau.persons p JOIN (SELECT a.bsn, SUM(b.score) AS s FROM "
      "hospital.patients a "
      "JOIN hospital.quality b ON b.day > a.index_date GROUP BY a.bsn) x ON x.bsn = p.bsn");
}

// Counting persons below a DISTINCT that forgot them would change what is distinct: by itself it is released, beside rows it is not.
TEST(PersonJoins, DistinctThatForgotThePersonIsRefusedBesideRowsOfPersons) {
  EXPECT_TRUE(Plan("SELECT COUNT(*) AS n FROM (SELECT DISTINCT category FROM insurer.claims) c").ok());
  EXPECT_THAT(
      std::string(Plan("SELECT COUNT(*) AS n FROM insurer.claims a JOIN (SELECT DISTINCT category FROM insurer.claims) c "
                       "ON c.category = a.category")
                      .message()),
      HasSubstr("puts several persons into one row"));
  EXPECT_TRUE(Plan("SELECT COUNT(*) AS n FROM (SELECT DISTINCT bsn, category FROM insurer.claims) c").ok());
}

TEST(PersonJoins, ByPersonPass) {
  for (const std::string sql :
       {"SELECT SUM(b.score) AS s FROM hospital.patients a JOIN hospital.quality b ON b.bsn = a.bsn",
        "SELECT SUM(b.score) AS s FROM hospital.patients a LEFT JOIN hospital.quality b ON b.bsn = a.bsn",
        "SELECT COUNT(*) AS n FROM hospital.patients a, bureau.persons s, insurer.insured i "
        "WHERE a.bsn = i.bsn AND s.bsn = i.bsn",
        "SELECT SUM(b.s) AS s FROM hospital.patients a JOIN (SELECT bsn, SUM(score) AS s FROM "
        "hospital.quality "
        "GROUP BY bsn) b ON b.bsn = a.bsn"}) {
    EXPECT_TRUE(Plan(sql).ok()) << sql << "\n" << Plan(sql);
  }
}

// A window is a join of a table with itself.
TEST(PersonJoins, WindowsOfSeveralPersonsAreRefused) {
  const std::string one = "CASE WHEN day = DATE '2020-01-01' THEN 0 ELSE 1 END";
  for (const std::string& window :
       {"FIRST_VALUE(score) OVER (ORDER BY " + one + ")", "LAST_VALUE(score) OVER (PARTITION BY day ORDER BY " + one + ")",
        "LAG(score) OVER (ORDER BY " + one + ")", std::string("LEAD(score, 1, 0) OVER (ORDER BY day)"),
        std::string("SUM(score) OVER ()"), std::string("COUNT(*) OVER (PARTITION BY day)")}) {
    const absl::Status refused = Plan("SELECT AVG(v) AS a FROM (SELECT " + window + " AS v FROM hospital.quality) t");
    EXPECT_THAT(std::string(refused.message()), HasSubstr("a window over rows of several persons")) << window;
    EXPECT_THAT(std::string(refused.message()), HasSubstr("add bsn to its PARTITION BY")) << window;
    EXPECT_THAT(std::string(refused.message()), HasSubstr("LINE 1")) << window;
  }
  // Of a full join's rows some have no left person.
  EXPECT_THAT(std::string(Plan("SELECT SUM(v) AS a FROM (SELECT a.bsn AS person, FIRST_VALUE(b.score) OVER "
                               "(PARTITION BY a.bsn ORDER BY b.day) AS v FROM hospital.patients a FULL JOIN hospital.quality b "
                               "ON a.bsn = b.bsn) t")
                              .message()),
              HasSubstr("a window over rows of several persons"));
  // Persons that are equated above the window were different below it.
  EXPECT_FALSE(Plan("SELECT AVG(v) AS a FROM (SELECT a.bsn AS x, b.bsn AS y, FIRST_VALUE(b.score) OVER (PARTITION BY a.bsn ORDER BY "
                    "b.day) AS v FROM hospital.patients a CROSS JOIN hospital.quality b) t WHERE x = y")
                   .ok());
}

TEST(PersonJoins, WindowsOfOnePersonAndRanksPass) {
  for (const std::string window :
       {"FIRST_VALUE(score) OVER (PARTITION BY bsn ORDER BY day)", "SUM(score) OVER (PARTITION BY bsn)",
        "MAX(score) OVER (PARTITION BY day, bsn)", "ROW_NUMBER() OVER (ORDER BY day)"}) {
    const absl::Status planned = Plan("SELECT SUM(v) AS a FROM (SELECT " + window + " AS v FROM hospital.quality) t");
    EXPECT_TRUE(planned.ok()) << window << "\n" << planned;
  }
  // What determines the person is as good: a visit is one person's.
  const absl::Status by_key = Plan("SELECT COUNT(v) AS a FROM (SELECT LAG(day) OVER (PARTITION BY visit_id ORDER BY day) AS v FROM hospital.visits) t");
  EXPECT_TRUE(by_key.ok()) << by_key;
}

constexpr const char* kStations =
    "\n[[table]]\nname = \"bureau.stations\"\npersons = false\nrow_bound = 10\n  [[table.column]]\n  name = \"height\"\n"
    "  type = \"integer\"\n  min = 0\n  max = 9\n  use = [\"aggregate\", \"filter\"]\n"
    "  [[table.column]]\n  name = \"number\"\n  type = \"integer\"\n  use = [\"aggregate\", \"filter\", \"row\"]\n"
    "  [[table.column]]\n  name = \"depth\"\n  type = \"integer\"\n  min = 0\n  max = 9\n  use = [\"aggregate\"]\n";

// Rows that are chosen by an order are chosen by its values.
TEST(PersonJoins, ALimitOrARankAsksForTheRightToFilter) {
  const auto refusal = [](const std::string& sql) {
    return std::string(PlanQuery(sql, ParsedFederation(DemoFederation() + kStations), DemoInputs()).status().message());
  };
  for (const char* sql : {"SELECT x FROM (SELECT number AS x FROM bureau.stations ORDER BY depth LIMIT 1) u WHERE x <> 0",
                          "SELECT DISTINCT number FROM (SELECT number FROM bureau.stations ORDER BY depth + 1 LIMIT 1) u",
                          "SELECT number FROM (SELECT number, RANK() OVER (ORDER BY depth) AS r FROM bureau.stations) u WHERE r = 1",
                          "SELECT number FROM (SELECT number, r + 1 AS q FROM (SELECT number, ROW_NUMBER() OVER (ORDER BY depth, number) AS r FROM bureau.stations) t) u WHERE q = 2",
                          "SELECT AVG(number) FROM (SELECT number FROM bureau.stations ORDER BY depth LIMIT 3) u"})
    EXPECT_THAT(refusal(sql), HasSubstr("column \"depth\" of bureau.stations may not be compared or filtered on")) << sql;
  for (const char* sql : {"SELECT number FROM bureau.stations ORDER BY number LIMIT 1", "SELECT x FROM (SELECT number AS x FROM bureau.stations ORDER BY height LIMIT 1) u WHERE x <> 0",
                          "SELECT number FROM (SELECT number, RANK() OVER (ORDER BY height) AS r FROM bureau.stations) u WHERE r = 1"})
    EXPECT_EQ(refusal(sql), "") << sql;
}

// Each level uses the one below it three times: written out, there would be 3^40 parts.
TEST(PersonJoins, ExpressionsThatMultiplyAreRefused) {
  for (const std::string innermost : {"SELECT height AS n FROM bureau.stations", "SELECT COUNT(*) - COUNT(*) AS n FROM hospital.patients"}) {
    std::string sql = innermost;
    for (int level = 0; level < 40; ++level) sql = "SELECT CASE WHEN n > 3 THEN n ELSE n END AS n FROM (" + sql + ") t" + std::to_string(level);
    const absl::Status planned = PlanQuery("SELECT SUM(n) AS n FROM (" + sql + ") t", ParsedFederation(DemoFederation() + kStations), DemoInputs()).status();
    EXPECT_THAT(std::string(planned.message()), HasSubstr("written out, this expression has more than 10000 parts"));
  }
}

// Rows about nobody that stand beside released groups are listed, whatever is made of them.
TEST(PersonJoins, RowsBesideGroupsAreListedIfTheyMay) {
  const auto plan = [&](const std::string& listed, const std::string& condition) {
    return PlanQuery("SELECT " + listed + " FROM (SELECT COUNT(*) AS n FROM hospital.patients) g JOIN bureau.stations s ON " + condition,
                     ParsedFederation(DemoFederation() + kStations), DemoInputs())
        .status();
  };
  EXPECT_TRUE(plan("g.n, s.number", "s.number < g.n").ok()) << plan("g.n, s.number", "s.number < g.n");
  EXPECT_TRUE(plan("SUM(g.n), MAX(s.number)", "TRUE").ok());
  for (const char* listed : {"g.n, s.height", "SUM(s.height)", "MAX(g.n) FILTER (WHERE s.height > 1)"})
    EXPECT_THAT(std::string(plan(listed, "TRUE").message()), HasSubstr("column \"height\" may not be listed")) << listed;
  EXPECT_THAT(std::string(plan("g.n", "s.height < g.n").message()), HasSubstr("column \"height\" may not be listed"));
}

// In the rows of all, a maximum is released by any aggregate.
TEST(PersonJoins, ExtremesInWindowsAskTheirRight) {
  const auto plan = [&](const std::string& window) {
    return PlanQuery("SELECT AVG(v) AS a FROM (SELECT " + window + " AS v FROM bureau.stations) t",
                     ParsedFederation(DemoFederation() + kStations), DemoInputs())
        .status();
  };
  EXPECT_THAT(std::string(plan("MAX(height) OVER ()").message()), HasSubstr("may not be released as MIN, MAX or a percentile"));
  EXPECT_TRUE(plan("SUM(height) OVER ()").ok()) << plan("SUM(height) OVER ()");
}

}  // namespace
}  // namespace care::planner
