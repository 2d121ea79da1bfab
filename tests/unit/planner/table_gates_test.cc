// What the general placement hands to the gate: cells with their dimensions, and counts that it can read.
#include "gmock/gmock.h"
#include "tests/unit/planner/planned_questions.h"

namespace care::planner {
namespace {

using testing::HasSubstr;

Catalog WithSeasons() {
  return ParsedFederation(DemoFederation() +
                          "\n[[table]]\nname = \"hospital.seasons\"\npersons = false\nprimary_key = [\"year\"]\nrow_bound = 200\n"
                          "  [[table.column]]\n  name = \"year\"\n  type = \"integer\"\n  nullable = false\n  min = 1900\n  max = 2099\n"
                          "  use = [\"filter\", \"group_key\"]\n"
                          "\n[[table]]\nname = \"hospital.scans\"\nsubject = \"bsn\"\nrow_bound = 500\n"
                          "  [[table.column]]\n  name = \"bsn\"\n  type = \"text\"\n  key = \"bsn\"\n  nullable = false\n"
                          "  [[table.column]]\n  name = \"day\"\n  type = \"date\"\n  min = \"2019-01-01\"\n  max = \"2026-12-31\"\n"
                          "  use = [\"filter\", \"group_key\"]\n");
}

absl::StatusOr<PlannedQuery> Plan(const std::string& sql) { return PlanQuery(sql, WithSeasons(), DemoInputs()); }

std::vector<GateTableNode> Gates(const PlannedQuery& query) {
  std::vector<GateTableNode> gates;
  for (const PhysicalNode& node : query.plan.nodes) {
    if (const auto* gate = std::get_if<GateTableNode>(&node)) gates.push_back(*gate);
  }
  return gates;
}

// Two releases of one statement are no star. With one margin, a cell that is hidden beside the only small one of its row would
// close it, and the row's total, released beside it, would tell the small one.
TEST(TableGates, OneOwnersGroupsBySeveralColumnsAreCells) {
  const auto query = Plan(
      "SELECT sex, uses_app, COUNT(*) AS n FROM hospital.patients GROUP BY sex, uses_app "
      "UNION ALL SELECT sex, false, COUNT(*) FROM hospital.patients GROUP BY sex");
  ASSERT_TRUE(query.ok()) << query.status();
  const std::vector<GateTableNode> gates = Gates(*query);
  ASSERT_EQ(gates.size(), 2u);
  EXPECT_EQ(gates[0].dimensions.size(), 2u);
  // Also those by one column, so that a hidden one is shown as hidden.
  EXPECT_EQ(gates[1].dimensions.size(), 1u);
  const auto* cells = std::get_if<GroupTableNode>(&query->plan.nodes[gates[0].input]);
  ASSERT_NE(cells, nullptr);
  EXPECT_EQ(cells->method, TableGroupMethod::kDense);
}

// Whatever the calls are and however many cells there are: more than what is cheaper than a sort, too.
TEST(TableGates, JointGroupsBySeveralColumnsAreCells) {
  const auto query = Plan(
      "SELECT v.kind, s.region, s.education, COUNT(DISTINCT v.day) AS days FROM hospital.visits v JOIN bureau.persons s ON s.bsn = v.bsn "
      "GROUP BY 1, 2, 3");
  ASSERT_TRUE(query.ok()) << query.status();
  const std::vector<GateTableNode> gates = Gates(*query);
  ASSERT_EQ(gates.size(), 1u);
  EXPECT_EQ(gates[0].dimensions.size(), 3u);
  EXPECT_FALSE(gates[0].person_in_one_cell);
}

TEST(TableGates, GroupsBySeveralColumnsWithoutDomainsAreRefused) {
  const auto query = Plan(
      "SELECT s.education, p.day, COUNT(*) AS n FROM hospital.scans p JOIN bureau.persons s ON s.bsn = p.bsn GROUP BY 1, 2");
  EXPECT_THAT(std::string(query.status().message()), HasSubstr("\"day\" has no public domain"));
  EXPECT_THAT(std::string(query.status().message()), HasSubstr("hint: declare `domain`"));
}

// Without groups a count of rows becomes a sum of counts; the gate must still find it.
TEST(TableGates, CountsOfAWholeTableAreThereForTheGate) {
  const auto query = Plan("SELECT COUNT(*) AS n FROM bureau.persons p JOIN hospital.seasons r ON r.year = p.birth_year");
  ASSERT_TRUE(query.ok()) << query.status();
  const std::vector<GateTableNode> gates = Gates(*query);
  ASSERT_EQ(gates.size(), 1u);
  EXPECT_FALSE(gates[0].person_counts.empty());
}

}  // namespace
}  // namespace care::planner
