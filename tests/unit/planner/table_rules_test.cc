// Rewrites for the general placement: numbered rows joined with those that follow, rows joined with all that are later, and the cases
// in which they stay a join.
#include "planner/rules/table_rules.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "grammar/parser.h"
#include "gtest/gtest.h"
#include "planner/logical/binder.h"
#include "planner/logical/column_facts.h"
#include "planner/rules/rules.h"
#include "tests/unit/planner/test_federation.h"

namespace care::planner {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

class AdjacentRowsTest : public ::testing::Test {
 protected:
  AdjacentRowsTest() : catalog_(*ParseFederation(TestFederation())) {}

  std::string Rewritten(const std::string& sql) {
    const auto statement = sql::Parse(sql);
    if (!statement.ok()) return std::string(statement.status().message());
    auto plan = Bind(std::get<sql::SelectStatement>(*statement), sql, catalog_, {});
    if (!plan.ok()) return std::string(plan.status().message());
    auto rewritten = ApplyRules(std::move(plan).value(), catalog_, sql);
    if (!rewritten.ok()) return std::string(rewritten.status().message());
    rewritten->root = JoinAdjacentRows(rewritten->root, *rewritten, catalog_);
    RefreshFacts(*rewritten, catalog_);
    return PrintLogicalPlan(*rewritten, catalog_);
  }

  // Two of the same numbered rows of two owners, joined.
  std::string Joined(const std::string& condition, const std::string& partition = "PARTITION BY bsn ",
                     const std::string& filter = "", const std::string& join = "JOIN") {
    return Rewritten(absl::StrCat(
        "WITH events AS (SELECT bsn, day FROM hospital.visits UNION ALL SELECT bsn, day FROM insurer.claims), "
        "numbered AS (SELECT bsn, day, ROW_NUMBER() OVER (", partition, "ORDER BY day) AS n FROM events) "
        "SELECT COUNT(*) FROM numbered a ", join, " (SELECT * FROM numbered", filter, ") b ON a.bsn = b.bsn AND ", condition));
  }

  const Catalog catalog_;
};

TEST_F(AdjacentRowsTest, TheNextRowIsALead) {
  const std::string plan = Joined("b.n = a.n + 1 AND b.day - a.day > 14");
  EXPECT_THAT(plan, HasSubstr("LEAD(day"));
  EXPECT_THAT(plan, HasSubstr("LEAD(TRUE)"));
  EXPECT_THAT(plan, Not(HasSubstr("Join"))) << plan;
}

TEST_F(AdjacentRowsTest, EitherDirectionAndAnyWayToWriteIt) {
  EXPECT_THAT(Joined("b.n = a.n - 2"), HasSubstr("LAG(TRUE) by 2"));
  EXPECT_THAT(Joined("a.n = b.n + 2"), HasSubstr("LAG(TRUE) by 2"));
  EXPECT_THAT(Joined("a.n + 3 = b.n"), HasSubstr("LEAD(TRUE) by 3"));
  EXPECT_THAT(Joined("b.n - a.n = 3"), HasSubstr("LEAD(TRUE) by 3"));
}

TEST_F(AdjacentRowsTest, WhatIsEquatedBesideThePartitionIsCompared) {
  const std::string plan = Joined("b.n = a.n + 1", "");
  EXPECT_THAT(plan, HasSubstr(":= LEAD(bsn"));
  EXPECT_THAT(plan, HasSubstr("Filter follows"));
  EXPECT_THAT(plan, HasSubstr("AND (bsn"));
  EXPECT_THAT(plan, Not(HasSubstr("Join"))) << plan;
}

TEST_F(AdjacentRowsTest, OthersStayJoins) {
  EXPECT_THAT(Joined("b.n = a.n"), HasSubstr("Join inner"));
  EXPECT_THAT(Joined("b.n > a.n"), HasSubstr("Join inner"));
  EXPECT_THAT(Joined("b.n = a.n + a.n"), HasSubstr("Join inner"));
  EXPECT_THAT(Joined("b.n = a.n + 1", "PARTITION BY bsn, day "), HasSubstr("Join inner"));
  // Numbers that were left out.
  EXPECT_THAT(Joined("b.n = a.n + 1", "PARTITION BY bsn ", " WHERE day > DATE '2024-01-01'"), HasSubstr("Join inner"));
  EXPECT_THAT(Joined("b.n = a.n + 1", "PARTITION BY bsn ", "", "LEFT JOIN"), HasSubstr("Join left"));
}

class MatchExtremesTest : public ::testing::Test {
 protected:
  MatchExtremesTest() : catalog_(*ParseFederation(TestFederation())) {}

  std::string Rewritten(const std::string& sql) {
    const auto statement = sql::Parse(sql);
    if (!statement.ok()) return std::string(statement.status().message());
    auto plan = Bind(std::get<sql::SelectStatement>(*statement), sql, catalog_, {});
    if (!plan.ok()) return std::string(plan.status().message());
    auto rewritten = ApplyRules(std::move(plan).value(), catalog_, sql);
    if (!rewritten.ok()) return std::string(rewritten.status().message());
    rewritten->root = MatchExtremes(rewritten->root, *rewritten, catalog_);
    RefreshFacts(*rewritten, catalog_);
    return PrintLogicalPlan(*rewritten, catalog_);
  }
  std::string Counted(const std::string& what, const std::string& condition, const std::string& rest = "") {
    return Rewritten(absl::StrCat("SELECT ", what, " FROM hospital.visits v JOIN insurer.claims c ON c.bsn = v.bsn AND ", condition, rest));
  }
  std::string Asked(const std::string& condition) {
    return Rewritten("SELECT COUNT(*) FROM hospital.visits v WHERE EXISTS (SELECT 1 FROM insurer.claims c WHERE c.bsn = v.bsn AND " +
                     condition + ")");
  }

  const Catalog catalog_;
};

TEST_F(MatchExtremesTest, SomeLaterRowIsTheLatest) {
  for (const char* condition : {"v.day <= c.day", "c.day >= v.day", "v.day + 3 < c.day"}) {
    EXPECT_THAT(Counted("COUNT(DISTINCT v.bsn)", condition), HasSubstr("MAX(day")) << condition;
    EXPECT_THAT(Asked(condition), HasSubstr("MAX(day")) << condition;
  }
  EXPECT_THAT(Asked("c.day < v.day"), HasSubstr("MIN(day"));
  EXPECT_THAT(Counted("COUNT(DISTINCT v.day)", "v.day > c.day"), HasSubstr("MIN(day"));
  EXPECT_THAT(Asked("v.day > c.day"), Not(HasSubstr("Join semi")));
}

TEST_F(MatchExtremesTest, OthersStayAsTheyAre) {
  const std::string counted = "COUNT(DISTINCT v.bsn)";
  // Each match counts, or is read.
  EXPECT_THAT(Counted("COUNT(*)", "v.day <= c.day"), Not(HasSubstr("MAX")));
  EXPECT_THAT(Counted("COUNT(DISTINCT v.bsn), COUNT(DISTINCT c.day)", "v.day <= c.day"), Not(HasSubstr("MAX")));
  EXPECT_THAT(Counted(counted, "v.day <= c.day", " GROUP BY c.day"), Not(HasSubstr("MAX")));
  // One row would have to keep two promises, or another one than the last may keep it.
  EXPECT_THAT(Counted(counted, "v.day <= c.day AND v.day + 9 > c.day"), Not(HasSubstr("MAX")));
  EXPECT_THAT(Counted(counted, "v.day <> c.day"), Not(HasSubstr("MAX")));
  EXPECT_THAT(Counted(counted, "v.day < c.day + 1"), Not(HasSubstr("MAX")));
}

}  // namespace
}  // namespace care::planner
