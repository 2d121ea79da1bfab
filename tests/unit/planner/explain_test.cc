// EXPLAIN of every question of the demonstration, compared with tests/plans/<question>.txt to the byte: a
// change of a plan is seen and judged by whoever makes it. To take over what is printed now:
//   CARE_UPDATE_GOLDENS=1 ./unit_planner --gtest_filter='Explain*'

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "nlohmann/json.hpp"
#include "tests/unit/planner/explain_goldens.h"

namespace care::planner {
namespace {

using ::testing::HasSubstr;

class ExplainQuestion : public ::testing::TestWithParam<std::string> {};

TEST_P(ExplainQuestion, TextIsTheGoldenOne) {
  const Catalog catalog = DemoCatalog();
  ExpectGolden(GetParam() + ".txt", Planned(QuestionText(GetParam()), catalog).ExplainText(catalog));
}

TEST_P(ExplainQuestion, JsonAgreesWithThePlan) {
  const Catalog catalog = DemoCatalog();
  const PlannedQuery query = Planned(QuestionText(GetParam()), catalog);
  const nlohmann::json json = nlohmann::json::parse(query.ExplainJson(catalog));
  ASSERT_EQ(json["nodes"].size(), query.plan.nodes.size());
  std::uint64_t bytes = 0;
  for (const nlohmann::json& node : json["nodes"]) {
    bytes += node["bytes"].get<std::uint64_t>();
    for (const nlohmann::json& input : node["inputs"]) EXPECT_LT(input, node["id"]);
    EXPECT_EQ(node.contains("fragment"), node["operation"] == "local");
  }
  EXPECT_EQ(json["cost"]["bytes"], bytes);
  ASSERT_EQ(json["leakage"].size(), query.disclosures.size());
  EXPECT_EQ(json["leakage"][1]["max_values"], query.disclosures[1].max_values);
  EXPECT_EQ(json["recipient"], "hospital");
  EXPECT_EQ(json["execution_digest"], query.execution_digest);
}

INSTANTIATE_TEST_SUITE_P(All, ExplainQuestion, ::testing::ValuesIn(QuestionNames()),
                         [](const auto& info) { return "q" + info.param; });

// Made up, and each figure another: what a run measures is tested where something runs.
MeasuredPlan MadeUp(const PlannedQuery& query) {
  MeasuredPlan measured;
  for (NodeId id = 0; id < query.plan.nodes.size(); ++id) measured.nodes.push_back({1000u * (id + 1), id + 1});
  measured.sent = {{0, 40'000'000}, {1, 30'000}, {2, 20'000'000}};
  measured.rounds = 427;
  measured.microseconds = 1'570'000;
  return measured;
}

TEST(ExplainAnalyze, ShowsWhatWasMeasuredBesideWhatWasExpected) {
  const Catalog catalog = DemoCatalog();
  const PlannedQuery query = Planned(QuestionText("02_cost_of_care"), catalog);
  const MeasuredPlan measured = MadeUp(query);
  ExpectGolden("analyzed/02_cost_of_care.txt", query.ExplainText(catalog, &measured));
  ExpectGolden("analyzed/02_cost_of_care.json", query.ExplainJson(catalog, &measured));
}

TEST(ExplainAnalyze, IsTheExplanationAndFiguresMore) {
  const Catalog catalog = DemoCatalog();
  const PlannedQuery query = Planned(QuestionText("02_cost_of_care"), catalog);
  const MeasuredPlan measured = MadeUp(query);
  nlohmann::json with = nlohmann::json::parse(query.ExplainJson(catalog, &measured));
  EXPECT_EQ(with["measured"]["bytes"], 60'030'000u);
  EXPECT_EQ(with["measured"]["bytes_sent"]["insurer"], 30'000u);
  for (nlohmann::json& node : with["nodes"]) {
    // An owner's fragment moves nothing, and what else could be measured of it is the owner's own.
    EXPECT_EQ(node.contains("measured"), node["where"] == "joint");
    node.erase("measured");
  }
  with.erase("measured");
  EXPECT_EQ(with, nlohmann::json::parse(query.ExplainJson(catalog)));
}

TEST(ExplainAnalyze, SaysWhoLeftBeforeItReported) {
  const Catalog catalog = DemoCatalog();
  const PlannedQuery query = Planned(QuestionText("02_cost_of_care"), catalog);
  MeasuredPlan measured = MadeUp(query);
  measured.is_complete = false;
  measured.sent[1].second = std::nullopt;
  const std::string text = query.ExplainText(catalog, &measured);
  EXPECT_THAT(text, HasSubstr("Measured: at least 60.0 MB"));
  EXPECT_THAT(text, HasSubstr("insurer left before it said how much"));
  const nlohmann::json json = nlohmann::json::parse(query.ExplainJson(catalog, &measured));
  EXPECT_TRUE(json["measured"]["bytes"].is_null());
  EXPECT_TRUE(json["measured"]["bytes_sent"]["insurer"].is_null());
  EXPECT_EQ(json["measured"]["bytes_sent"]["bureau"], 20'000'000u);
  for (const nlohmann::json& node : json["nodes"]) {
    if (!node.contains("measured")) continue;
    EXPECT_TRUE(node["measured"]["bytes"].is_null());
    EXPECT_TRUE(node["measured"]["rounds"].is_number());
  }
}

TEST(Explain, NamesEveryFragmentOwnerAndHelper) {
  const Catalog catalog = DemoCatalog();
  const std::string text = Planned(QuestionText("02_cost_of_care"), catalog).ExplainText(catalog);
  EXPECT_THAT(text, HasSubstr("spine=insurer arm=bureau helper=hospital"));
  EXPECT_THAT(text, HasSubstr("FROM hospital.patients"));
  EXPECT_THAT(text, HasSubstr("which of 8 cells (education x uses_app) survive the gate"));
  EXPECT_THAT(text, HasSubstr("hospital helps, and does not collude with either owner"));
}

TEST(Explain, OneOwnersQueryHasNoHelper) {
  const Catalog catalog = DemoCatalog();
  const std::string text =
      Planned("SELECT diagnosis, COUNT(*) AS n FROM hospital.patients GROUP BY diagnosis", catalog)
          .ExplainText(catalog);
  EXPECT_THAT(text, HasSubstr("Cells  by their owner"));
  EXPECT_THAT(text, ::testing::Not(HasSubstr("helps")));
}

TEST(Explain, NamesWhatFloatingPointIsComputedAs) {
  Catalog catalog = DemoCatalog();
  for (CatalogTable& table : catalog.tables) {
    for (CatalogColumn& column : table.columns) {
      if (column.name == "amount") column.shown_as = TypeKind::kDouble;
    }
  }
  const PlannedQuery query = Planned(QuestionText("02_cost_of_care"), catalog);
  EXPECT_THAT(query.ExplainText(catalog), HasSubstr("amount: double precision, computed as numeric(12,2)"));
  const nlohmann::json json = nlohmann::json::parse(query.ExplainJson(catalog));
  ASSERT_EQ(json["fixed_point"].size(), 1u);
  EXPECT_THAT(json["fixed_point"][0].get<std::string>(), HasSubstr("double precision, computed as numeric(12,2)"));
  // Of a query that does not read it, nothing is said.
  const PlannedQuery other = Planned(QuestionText("01_insured_patients"), catalog);
  EXPECT_FALSE(nlohmann::json::parse(other.ExplainJson(catalog)).contains("fixed_point"));
}

TEST(Explain, AnUndeclaredLinkHasNoTime) {
  const Catalog catalog = DemoCatalog();
  PlanInputs inputs = DemoInputs();
  inputs.link_class = "moon";
  const std::string text = Planned(QuestionText("01_insured_patients"), catalog, inputs).ExplainText(catalog);
  EXPECT_THAT(text, HasSubstr("no speed declared for the link \"moon\""));
}

}  // namespace
}  // namespace care::planner
