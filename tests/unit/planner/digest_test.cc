#include "planner/physical/digest.h"

#include <set>

#include "absl/strings/str_replace.h"
#include "gtest/gtest.h"
#include "planner/physical/serialise.h"
#include "tests/unit/planner/planned_questions.h"

namespace care::planner {
namespace {

constexpr const char* kQuery =
    "SELECT p.uses_app, COUNT(*) AS n FROM hospital.patients p JOIN bureau.persons s ON s.bsn = p.bsn "
    "WHERE s.birth_year >= 1980 GROUP BY p.uses_app";

std::string Replaced(const std::string& from, const std::string& to) {
  const std::string text = absl::StrReplaceAll(kQuery, {{from, to}});
  EXPECT_NE(text, kQuery);
  return text;
}

TEST(Digest, TheSameInputsGiveTheSameDigestsEachTime) {
  const std::string sql = QuestionText("02_cost_of_care");
  std::set<std::string> disclosure, execution;
  for (int i = 0; i < 200; ++i) {
    const PlannedQuery query = Planned(sql, DemoCatalog());
    disclosure.insert(query.disclosure_digest);
    execution.insert(query.execution_digest);
  }
  EXPECT_EQ(disclosure.size(), 1u);
  EXPECT_EQ(execution.size(), 1u);
  EXPECT_EQ(execution.begin()->size(), 64u);
  EXPECT_NE(*disclosure.begin(), *execution.begin());
}

TEST(Digest, LayoutOfTheTextDoesNotMatter) {
  const Catalog catalog = DemoCatalog();
  const PlannedQuery query = Planned(kQuery, catalog);
  const PlannedQuery spaced = Planned(Replaced("WHERE", "\n   -- of age\n   where"), catalog);
  EXPECT_EQ(spaced.execution_digest, query.execution_digest);
  EXPECT_EQ(spaced.disclosure_digest, query.disclosure_digest);
}

TEST(Digest, EveryChangeOfTheQuestionChangesBoth) {
  const Catalog catalog = DemoCatalog();
  std::set<std::string> disclosure, execution;
  const std::vector<std::string> questions = {
      kQuery,
      Replaced("1980", "1981"),
      Replaced(">=", ">"),
      Replaced("AS n", "AS m"),
      Replaced("SELECT p.uses_app, COUNT(*) AS n", "SELECT COUNT(*) AS n, p.uses_app"),
      Replaced("COUNT(*) AS n", "COUNT(*) AS n, COUNT(*) AS k"),
      Replaced("GROUP BY p.uses_app", "GROUP BY p.uses_app ORDER BY n"),
      Replaced("GROUP BY p.uses_app", "GROUP BY p.uses_app ORDER BY n DESC"),
      Replaced("GROUP BY p.uses_app", "GROUP BY p.uses_app LIMIT 1"),
      Replaced("JOIN", "LEFT JOIN"),
  };
  for (const std::string& sql : questions) {
    absl::StatusOr<PlannedQuery> query = PlanQuery(sql, catalog, DemoInputs());
    ASSERT_TRUE(query.ok()) << sql << "\n" << query.status();
    EXPECT_TRUE(disclosure.insert(query->disclosure_digest).second) << sql;
    EXPECT_TRUE(execution.insert(query->execution_digest).second) << sql;
  }
}

TEST(Digest, EveryInputChangesTheExecution) {
  const Catalog catalog = DemoCatalog();
  const std::string before = Planned(kQuery, catalog).execution_digest;
  const auto with = [&](auto change) {
    PlanInputs inputs = DemoInputs();
    change(inputs);
    return Planned(kQuery, catalog, inputs).execution_digest;
  };
  EXPECT_EQ(with([](PlanInputs&) {}), before);
  EXPECT_NE(with([](PlanInputs& i) { i.current_date_days += 1; }), before);
  EXPECT_NE(with([](PlanInputs& i) { i.time_of_day = 1; }), before);
  EXPECT_NE(with([](PlanInputs& i) { i.time_zone = "CET"; }), before);
  EXPECT_NE(with([](PlanInputs& i) { i.link_class = "wan"; }), before);
  EXPECT_NE(with([](PlanInputs& i) { i.protocol = "plain"; }), before);
  EXPECT_NE(with([](PlanInputs& i) { i.purpose = "another"; }), before);
  EXPECT_NE(with([](PlanInputs& i) { i.recipient = 1; }), before);
  EXPECT_NE(with([](PlanInputs& i) { i.row_bounds["hospital.patients"] = 9'000; }), before);
}

TEST(Digest, TheDisclosureKnowsPurposeAndRecipientButNotTheLink) {
  const Catalog catalog = DemoCatalog();
  const std::string before = Planned(kQuery, catalog).disclosure_digest;
  PlanInputs inputs = DemoInputs();
  inputs.link_class = "wan";
  EXPECT_EQ(Planned(kQuery, catalog, inputs).disclosure_digest, before);
  inputs.purpose = "another";
  EXPECT_NE(Planned(kQuery, catalog, inputs).disclosure_digest, before);
  inputs = DemoInputs();
  inputs.recipient = 1;
  EXPECT_NE(Planned(kQuery, catalog, inputs).disclosure_digest, before);
}

TEST(Digest, AnyByteOfTheFederationFileChangesTheExecution) {
  const std::string before = Planned(kQuery, DemoCatalog()).execution_digest;
  const Catalog commented = ParsedFederation(DemoFederation() + "# one more remark\n");
  EXPECT_NE(Planned(kQuery, commented).execution_digest, before);
  EXPECT_EQ(Planned(kQuery, commented).disclosure_digest, Planned(kQuery, DemoCatalog()).disclosure_digest);
}

// Whatever part of a plan changes, its bytes do.
TEST(Serialise, EveryPartOfAPlanIsInItsBytes) {
  const Catalog catalog = DemoCatalog();
  const PlannedQuery query = Planned(QuestionText("02_cost_of_care"), catalog);
  std::set<std::string> seen{SerialisePhysical(query.plan, catalog)};
  const auto expect_new = [&](const char* what, auto change) {
    PhysicalPlan plan = query.plan;
    change(plan);
    EXPECT_TRUE(seen.insert(SerialisePhysical(plan, catalog)).second) << what;
  };
  for (NodeId id = 0; id < query.plan.nodes.size(); ++id) {
    expect_new("a node", [&](PhysicalPlan& plan) { plan.nodes.erase(plan.nodes.begin() + id); });
    expect_new("a node's part", [&](PhysicalPlan& plan) {
      std::visit(
          [](auto& node) {
            using Node = std::decay_t<decltype(node)>;
            if constexpr (std::is_same_v<Node, LocalNode>)
              ++node.row_bound;
            else if constexpr (std::is_same_v<Node, KeysNode>)
              node.order_by_groups.push_back(1);
            else if constexpr (std::is_same_v<Node, LookupNode>)
              node.helper = kNoParty;
            else if constexpr (std::is_same_v<Node, RowsNode>)
              node.expanded.pop_back();
            else if constexpr (std::is_same_v<Node, RowSumsNode>)
              node.sums[0].condition = nullptr;
            else if constexpr (std::is_same_v<Node, ConditionNode>)
              node.predicate = MakeLiteral(true, kBooleanType);
            else if constexpr (std::is_same_v<Node, CellsNode>)
              node.groups[0].has_null = !node.groups[0].has_null;
            else if constexpr (std::is_same_v<Node, GateNode>)
              node.person_measures.push_back(2);
            else
              FAIL() << "a star has no tables";
          },
          plan.nodes[id]);
    });
  }
  expect_new("a form's width",
             [&](PhysicalPlan& plan) { ++std::get<LookupNode>(plan.nodes[3]).columns[0].width; });
  expect_new("a null plane", [&](PhysicalPlan& plan) {
    bool& flag = std::get<LookupNode>(plan.nodes[3]).columns[0].null_plane;
    flag = !flag;
  });
  expect_new("a column's range", [&](PhysicalPlan& plan) { plan.columns[2].min = -1; });
  expect_new("a column's name", [&](PhysicalPlan& plan) { plan.columns[2].name += "x"; });
  expect_new("a call", [&](PhysicalPlan& plan) { ++plan.calls[1].sum_measure; });
  expect_new("a comparison range", [&](PhysicalPlan& plan) { ++plan.comparison_ranges[0].base; });
  expect_new("a sum that can be NULL", [&](PhysicalPlan& plan) { plan.null_where_zero.push_back({1, 2}); });
  expect_new("an output name", [&](PhysicalPlan& plan) { plan.output[0].name = "other"; });
  expect_new("the recipient", [&](PhysicalPlan& plan) { plan.recipient = 2; });
}

TEST(Serialise, PartsDoNotRunTogether) {
  EXPECT_NE(SerialiseText("ab") + SerialiseText("c"), SerialiseText("a") + SerialiseText("bc"));
  EXPECT_NE(SerialiseText(""), "");
}

}  // namespace
}  // namespace care::planner
