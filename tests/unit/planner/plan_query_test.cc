#include "planner/physical/plan_query.h"

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "planner/physical/leakage.h"
#include "tests/unit/planner/planned_questions.h"

namespace care::planner {
namespace {

using ::testing::HasSubstr;

template <typename Node>
std::vector<const Node*> NodesOf(const PhysicalPlan& plan) {
  std::vector<const Node*> found;
  for (const PhysicalNode& node : plan.nodes) {
    if (const auto* match = std::get_if<Node>(&node)) found.push_back(match);
  }
  return found;
}

class PlanQueryTest : public ::testing::Test {
 protected:
  std::string ErrorOf(const std::string& sql) {
    const absl::StatusOr<PlannedQuery> query = PlanQuery(sql, catalog_, DemoInputs());
    EXPECT_FALSE(query.ok()) << sql;
    EXPECT_EQ(query.status().code(), absl::StatusCode::kInvalidArgument) << query.status();
    return std::string(query.status().message());
  }
  Catalog catalog_ = DemoCatalog();
};

TEST_F(PlanQueryTest, EveryQuestionPlansWithCosts) {
  const std::vector<std::string> names = QuestionNames();
  ASSERT_EQ(names.size(), 6u);
  for (const std::string& name : names) {
    const PlannedQuery query = Planned(QuestionText(name), catalog_);
    std::uint64_t bytes = 0, rounds = 0;
    ASSERT_EQ(query.cost.node_bytes_and_rounds.size(), query.plan.nodes.size());
    for (const auto& [node_bytes, node_rounds] : query.cost.node_bytes_and_rounds) {
      bytes += node_bytes;
      rounds += node_rounds;
    }
    EXPECT_EQ(query.cost.bytes, bytes);
    EXPECT_EQ(query.cost.rounds, rounds);
    EXPECT_GT(bytes, 0u);
    EXPECT_EQ(query.plan.recipient, 0);
    EXPECT_EQ(query.disclosures, LeakageOf(query.plan, catalog_));
  }
}

TEST_F(PlanQueryTest, TheCheaperSpineIsTheSmallerOne) {
  const PlannedQuery query = Planned(QuestionText("01_insured_patients"), catalog_);
  const auto locals = NodesOf<LocalNode>(query.plan);
  ASSERT_EQ(locals.size(), 2u);
  EXPECT_EQ(catalog_.PartyName(locals[0]->party), "hospital");
  EXPECT_EQ(locals[0]->row_bound, 4'000u);
}

TEST_F(PlanQueryTest, RowsStayWithTheOwnerThatHasTwoManySidedTables) {
  const PlannedQuery query = Planned(QuestionText("02_cost_of_care"), catalog_);
  const auto rows = NodesOf<RowsNode>(query.plan);
  ASSERT_EQ(rows.size(), 2u);
  for (const RowsNode* space : rows) {
    EXPECT_EQ(catalog_.PartyName(std::get<LocalNode>(query.plan.nodes[space->local]).party), "insurer");
  }
  EXPECT_EQ(NodesOf<LookupNode>(query.plan).size(), 2u);
  EXPECT_EQ(NodesOf<CellsNode>(query.plan)[0]->cells(), 8u);
}

TEST_F(PlanQueryTest, MeasuresAreNamedAsTheAnswerNamesThem) {
  const PlannedQuery query = Planned(QuestionText("02_cost_of_care"), catalog_);
  EXPECT_THAT(query.disclosures[kCellsDisclosure].what,
              HasSubstr("sum of cost_before, sum of cost_after, sum of change"));
  const PlannedQuery bands = Planned(QuestionText("04_visits_and_quality_of_life"), catalog_);
  EXPECT_THAT(bands.disclosures[kSurvivorsDisclosure].what, HasSubstr("(uses_app x age_band)"));
}

TEST_F(PlanQueryTest, OneOwnersQueryIsComputedThereAndPassesTheGate) {
  const PlannedQuery query =
      Planned("SELECT kind, COUNT(*) AS visits FROM hospital.visits GROUP BY kind ORDER BY kind", catalog_);
  EXPECT_EQ(query.plan.nodes.size(), 3u);
  EXPECT_EQ(NodesOf<CellsNode>(query.plan)[0]->method, GroupMethod::kLocal);
  // Visits are not persons: the gate counts those who made them.
  EXPECT_EQ(NodesOf<GateNode>(query.plan)[0]->person_measures[0], 0u);
  EXPECT_EQ(NodesOf<CellsNode>(query.plan)[0]->measures.size(), 2u);
}

TEST_F(PlanQueryTest, ExplainIsPlannedAsItsQuery) {
  const std::string sql = "SELECT COUNT(*) AS n FROM hospital.patients";
  EXPECT_EQ(Planned("EXPLAIN " + sql, catalog_).execution_digest, Planned(sql, catalog_).execution_digest);
}

TEST_F(PlanQueryTest, AnotherPlannerVersionIsRefused) {
  PlanInputs inputs = DemoInputs();
  ++inputs.planner_version;
  EXPECT_EQ(PlanQuery("SELECT COUNT(*) FROM hospital.patients", catalog_, inputs).status().code(),
            absl::StatusCode::kFailedPrecondition);
}

TEST_F(PlanQueryTest, RefusalsShowThePlace) {
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"SELECT COUNT(*) FROM hospital.patient", "hospital.patient"},
      {"SELECT COUNT(*) FROM hospital.patients WHERE diagnosi = 'crohn'", "diagnosi"},
      {"SELECT bsn FROM hospital.patients", "row"},
      {"SELECT COUNT(*) FROM hospital.patients WHERE bsn = '123'", "bsn"},
      {"SELECT bsn, COUNT(*) FROM hospital.patients GROUP BY bsn", "bsn"},
      {"SELECT SUM(score / (score - 50)) FROM hospital.quality", "division"},
      {"SELECT COUNT(*) FROM hospital.patients p JOIN insurer.insured i ON i.bsn = p.bsn WHERE i.policy || "
       "p.sex = 'x'",
       "||"},
  };
  for (const auto& [sql, what] : cases) {
    const std::string error = ErrorOf(sql);
    EXPECT_THAT(error, HasSubstr(what)) << sql;
    EXPECT_THAT(error, HasSubstr("LINE 1: ")) << sql;
    EXPECT_THAT(error, HasSubstr("^")) << sql;
  }
}

TEST_F(PlanQueryTest, AKeyThatNamesNoPersonIsRefused) {
  Catalog catalog = catalog_;
  for (CatalogTable& table : catalog.tables) {
    if (table.name != "visits" && table.name != "claims") continue;
    table.columns[0].key_domain = "episode";
    table.columns[0].rules.join_key = true;
  }
  const absl::StatusOr<PlannedQuery> query =
      PlanQuery("SELECT COUNT(*) FROM hospital.visits v JOIN insurer.claims c ON c.claim_id = v.visit_id",
                catalog, DemoInputs());
  ASSERT_FALSE(query.ok());
  EXPECT_EQ(query.status().code(), absl::StatusCode::kInvalidArgument) << query.status();
  EXPECT_THAT(std::string(query.status().message()), HasSubstr("does not equate the persons"));
}

TEST_F(PlanQueryTest, SumsThatCouldOverflowAreRefused) {
  std::string text = DemoFederation();
  const std::string declared = "min = \"-10000.00\"\n  max = \"100000.00\"";
  ASSERT_NE(text.find(declared), std::string::npos);
  text.replace(text.find(declared), declared.size(), "min = \"-9000000000.00\"\n  max = \"9000000000.00\"");
  const Catalog wide = ParsedFederation(text);
  const absl::StatusOr<PlannedQuery> query =
      PlanQuery("SELECT SUM(c.amount * 1000) FROM insurer.claims c JOIN hospital.patients p ON p.bsn = c.bsn",
                wide, DemoInputs());
  ASSERT_FALSE(query.ok());
  EXPECT_THAT(std::string(query.status().message()), HasSubstr("63 bits"));
}

}  // namespace
}  // namespace care::planner
