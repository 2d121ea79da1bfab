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

// Counting persons below a DISTINCT that forgot them would change what is distinct.
TEST(PersonJoins, DistinctThatForgotThePersonIsRefused) {
  EXPECT_THAT(
      std::string(
          Plan("SELECT COUNT(*) AS n FROM (SELECT DISTINCT category FROM insurer.claims) c").message()),
      HasSubstr("hides how many persons"));
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

}  // namespace
}  // namespace care::planner
