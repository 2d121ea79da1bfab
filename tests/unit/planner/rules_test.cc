// The rewrite rules: plans before and after as text, and for each rule the case in which it must not fire.
#include "planner/rules/rules.h"

#include <string>

#include "gmock/gmock.h"
#include "grammar/parser.h"
#include "gtest/gtest.h"
#include "planner/logical/binder.h"
#include "tests/unit/planner/test_federation.h"

namespace care::planner {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

class RulesTest : public ::testing::Test {
 protected:
  RulesTest() : catalog_(*ParseFederation(TestFederation())) {}

  std::string Rewritten(const std::string& sql) {
    const auto statement = sql::Parse(sql);
    if (!statement.ok()) return std::string(statement.status().message());
    auto plan = Bind(std::get<sql::SelectStatement>(*statement), sql, catalog_, {});
    if (!plan.ok()) return std::string(plan.status().message());
    const auto rewritten = ApplyRules(std::move(plan).value(), catalog_, sql);
    return rewritten.ok() ? PrintLogicalPlan(*rewritten, catalog_)
                          : std::string(rewritten.status().message());
  }

  const Catalog catalog_;
};

TEST_F(RulesTest, CoachingQuestionFetchesOnlyWhatItReads) {
  const std::string plan = Rewritten(CoachingQuestion());
  EXPECT_THAT(plan, HasSubstr("Scan hospital.patients [bsn#0, uses_app#1, index_date#2]\n"));
  EXPECT_THAT(plan, HasSubstr("Scan bureau.persons [bsn#5, education#6]\n"));
  EXPECT_THAT(plan, HasSubstr("Scan insurer.claims [bsn#14, day#15, amount#16]\n"));
  EXPECT_THAT(plan, HasSubstr("Project [uses_app#1, education#6, before#20 := COALESCE(sum#18, 0), after#21 "
                              ":= COALESCE(sum#19, 0)]\n"));
  EXPECT_EQ(plan, Rewritten(CoachingQuestion()));
}

TEST_F(RulesTest, CommaJoinsBecomeInnerJoinsAndFiltersGoDown) {
  EXPECT_EQ(
      Rewritten(
          "SELECT COUNT(*) FROM hospital.patients p, bureau.persons s, insurer.insured i "
          "WHERE p.bsn = s.bsn AND i.bsn = p.bsn AND s.education = 'high' AND p.birth_year > 1900 + 50"),
      R"(Output count#11 bigint
  Release
    Aggregate by [] [count#11 := COUNT(*)]
      Join inner on bsn#10 = bsn#0
        Join inner on bsn#0 = bsn#5
          Filter birth_year#3 > 1950
            Scan hospital.patients [bsn#0, birth_year#3]
          Filter education#6 = 'high'
            Scan bureau.persons [bsn#5, education#6]
        Scan insurer.insured [bsn#10]
)");
}

TEST_F(RulesTest, OuterJoinRejectingNullsBecomesInner) {
  EXPECT_EQ(Rewritten("SELECT COUNT(*) FROM insurer.insured i LEFT JOIN hospital.patients p ON p.bsn = i.bsn "
                      "WHERE p.birth_year > 1950 OR p.sex = 'f'"),
            R"(Output count#6 bigint
  Release
    Aggregate by [] [count#6 := COUNT(*)]
      Join inner on bsn#1 = bsn#0
        Scan insurer.insured [bsn#0]
        Filter (birth_year#4 > 1950) OR (sex#5 = 'f')
          Scan hospital.patients [bsn#1, birth_year#4, sex#5]
)");
}

TEST_F(RulesTest, OuterJoinStaysWhereNullsMayPass) {
  for (const char* predicate :
       {"COALESCE(p.birth_year, 2000) > 1950", "p.birth_year IS NULL",
        "p.birth_year > 1950 OR i.bsn IS NOT NULL", "(p.birth_year > 1950) IS NOT TRUE",
        "CASE WHEN p.birth_year > 1950 THEN FALSE ELSE TRUE END", "p.birth_year IS DISTINCT FROM 1950"}) {
    EXPECT_THAT(Rewritten(std::string("SELECT COUNT(*) FROM insurer.insured i LEFT JOIN hospital.patients p "
                                      "ON p.bsn = i.bsn WHERE ") +
                          predicate),
                HasSubstr("Join left"))
        << predicate;
  }
  for (const char* predicate :
       {"NOT (p.birth_year > 1950)", "p.birth_year IS NOT NULL", "p.birth_year IN (1950, 1951)",
        "p.uses_app IS TRUE", "p.birth_year + 1 > 3 AND i.bsn IS NOT NULL"}) {
    EXPECT_THAT(Rewritten(std::string("SELECT COUNT(*) FROM insurer.insured i LEFT JOIN hospital.patients p "
                                      "ON p.bsn = i.bsn WHERE ") +
                          predicate),
                HasSubstr("Join inner"))
        << predicate;
  }
}

TEST_F(RulesTest, OnOfALeftJoinFiltersTheNullSupplyingSideOnly) {
  const std::string plan = Rewritten(
      "SELECT COUNT(p.bsn) FROM insurer.insured i LEFT JOIN hospital.patients p ON p.bsn = i.bsn AND "
      "p.uses_app AND i.bsn IS NOT NULL");
  EXPECT_THAT(plan, HasSubstr("Join left on (bsn#1 = bsn#0) AND (bsn#0 IS NOT NULL)\n"));
  EXPECT_THAT(plan, HasSubstr("Filter uses_app#2\n"));
}

TEST_F(RulesTest, FilterGoesBelowAnAggregateOnGroupsOnly) {
  const std::string plan = Rewritten(
      "SELECT COUNT(*) FROM (SELECT bsn, kind, COUNT(*) AS n FROM hospital.visits GROUP BY bsn, kind) t "
      "WHERE kind = 'phone' AND n > 2");
  EXPECT_EQ(plan, R"(Output count#5 bigint
  Release
    Aggregate by [] [count#5 := COUNT(*)]
      Filter count#4 > 2
        Aggregate by [bsn#1, kind#3] [count#4 := COUNT(*)]
          Filter kind#3 = 'phone'
            Scan hospital.visits [bsn#1, kind#3]
)");
}

TEST_F(RulesTest, NothingCrossesTheRelease) {
  EXPECT_EQ(Rewritten("SELECT kind, n FROM (SELECT kind, COUNT(*) AS n FROM hospital.visits GROUP BY kind) t "
                      "WHERE kind = 'phone'"),
            R"(Output kind#3 text, n#4 bigint
  Filter kind#3 = 'phone'
    Release
      Aggregate by [kind#3] [count#4 := COUNT(*)]
        Scan hospital.visits [bsn#1, kind#3]
)");
}

TEST_F(RulesTest, ConstantsFold) {
  const auto filter = [&](const std::string& predicate) {
    return Rewritten("SELECT COUNT(*) FROM hospital.patients WHERE " + predicate);
  };
  EXPECT_THAT(filter("index_date > DATE '2024-03-31' - INTERVAL '1 month'"),
              HasSubstr("index_date#2 > DATE '2024-02-29'"));
  EXPECT_THAT(filter("index_date > DATE '2024-03-31' - 1"), HasSubstr("index_date#2 > DATE '2024-03-30'"));
  EXPECT_THAT(filter("1 < 2"), Not(HasSubstr("Filter")));
  EXPECT_THAT(filter("uses_app AND TRUE"), HasSubstr("Filter uses_app#1\n"));
  EXPECT_THAT(filter("uses_app AND 1 > 2"), HasSubstr("Filter FALSE\n"));
  EXPECT_THAT(filter("uses_app OR NULL > 1"), HasSubstr("Filter uses_app#1 OR NULL\n"));
  EXPECT_THAT(filter("birth_year > 1.5 * 1000"), HasSubstr("birth_year#3 > 1500.0"));
}

}  // namespace
}  // namespace care::planner
