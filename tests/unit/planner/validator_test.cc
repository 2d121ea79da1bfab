// Each rule of the validator, broken in a plan that is valid otherwise. The plan is the demonstration's: keys
// 0-1, lookups 2-3 (hospital) and 4-5 (bureau), enrolment 6-8, claims 9-11, condition, cells, gate.
#include "planner/physical/validator.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/unit/planner/planned_questions.h"

namespace care::planner {
namespace {

using ::testing::HasSubstr;

class ValidatorTest : public ::testing::Test {
 protected:
  void Use(const std::string& sql) { query_ = Planned(sql, catalog_); }

  template <typename Change>
  void ExpectInvalid(const std::string& rule, Change change) {
    PhysicalPlan plan = query_.plan;
    change(plan);
    const absl::Status status = ValidatePlan(plan, query_.disclosures, catalog_);
    EXPECT_EQ(status.code(), absl::StatusCode::kInternal);
    EXPECT_THAT(std::string(status.message()), HasSubstr(rule));
  }
  SharedForm& FormOf(std::vector<SharedForm>& forms, Form kind) {
    for (SharedForm& form : forms) {
      if (form.form == kind) return form;
    }
    ADD_FAILURE() << "no such form";
    return forms[0];
  }

  Catalog catalog_ = DemoCatalog();
  PlannedQuery query_ = Planned(QuestionText("02_cost_of_care"), catalog_);
};

TEST_F(ValidatorTest, AcceptsEveryQuestion) {
  for (const std::string& name : QuestionNames()) {
    const PlannedQuery query = Planned(QuestionText(name), catalog_);
    EXPECT_TRUE(ValidatePlan(query.plan, query.disclosures, catalog_).ok()) << name;
  }
}

TEST_F(ValidatorTest, Order) {
  ExpectInvalid("one CellsNode and one GateNode", [](PhysicalPlan& plan) { plan.nodes.clear(); });
  ExpectInvalid("one CellsNode and one GateNode", [](PhysicalPlan& plan) { plan.nodes.pop_back(); });
  ExpectInvalid("one CellsNode and one GateNode",
                [](PhysicalPlan& plan) { plan.nodes.push_back(plan.nodes.back()); });
  ExpectInvalid("gate is not the last",
                [](PhysicalPlan& plan) { std::swap(plan.nodes.back(), plan.nodes[plan.nodes.size() - 2]); });
  ExpectInvalid("gate does not stand on the cells",
                [&](PhysicalPlan& plan) { At<GateNode>(plan).cells = 0; });
  ExpectInvalid("at most one key space", [&](PhysicalPlan& plan) {
    plan.nodes.insert(plan.nodes.begin() + 2, plan.nodes[1]);
    ++At<GateNode>(plan).cells;
  });
  ExpectInvalid("no earlier fragment", [&](PhysicalPlan& plan) { At<KeysNode>(plan).local = 2; });
  ExpectInvalid("no earlier key space or fragment",
                [&](PhysicalPlan& plan) { At<LookupNode>(plan).arm = 4; });
  ExpectInvalid("no earlier key space or fragment",
                [&](PhysicalPlan& plan) { At<LookupNode>(plan).keys = 0; });
  ExpectInvalid("no earlier row space", [&](PhysicalPlan& plan) { At<RowSumsNode>(plan).rows = 1; });
  ExpectInvalid("no earlier key space", [&](PhysicalPlan& plan) { At<CellsNode>(plan).source = 0; });
}

TEST_F(ValidatorTest, Fragments) {
  ExpectInvalid("which another party owns", [&](PhysicalPlan& plan) { At<LocalNode>(plan).party = 0; });
  ExpectInvalid("takes no part", [&](PhysicalPlan& plan) { At<LocalNode>(plan).party = 7; });
  ExpectInvalid("fragment is missing", [&](PhysicalPlan& plan) { At<LocalNode>(plan).fragment = nullptr; });
  ExpectInvalid("not used once", [&](PhysicalPlan& plan) {
    plan.nodes.insert(plan.nodes.end() - 2, plan.nodes[0]);
    ++At<GateNode>(plan).cells;
  });
  ExpectInvalid("a fragment can raise", [&](PhysicalPlan& plan) {
    LocalNode& local = At<LocalNode>(plan, 1);
    const ExpressionPtr zero = MakeLiteral(std::int64_t{0}, kIntegerType);
    const ExpressionPtr quotient =
        MakeCall(Function::kDivide, {MakeLiteral(std::int64_t{1}, kIntegerType), zero}, kIntegerType);
    local.fragment =
        MakeNode(FilterNode{local.fragment, MakeCall(Function::kEqual, {quotient, zero}, kBooleanType)});
  });
  ExpectInvalid("a column that its input lacks", [&](PhysicalPlan& plan) {
    LocalNode& local = At<LocalNode>(plan, 1);
    const ColumnId elsewhere = *At<LocalNode>(plan, 2).key;
    local.fragment = MakeNode(FilterNode{
        local.fragment, MakeCall(Function::kIsNotNull, {MakeColumn(elsewhere, kTextType)}, kBooleanType)});
  });
  ExpectInvalid("a fragment releases", [&](PhysicalPlan& plan) {
    LocalNode& local = At<LocalNode>(plan, 1);
    local.fragment = MakeNode(ReleaseNode{local.fragment});
  });
  ExpectInvalid("says more of", [](PhysicalPlan& plan) {
    for (ColumnInfo& info : plan.columns) {
      if (info.name == "index_date") info.nullable = false;
    }
  });
}

TEST_F(ValidatorTest, Keys) {
  ExpectInvalid("does not yield its key",
                [&](PhysicalPlan& plan) { At<LocalNode>(plan, 1).key = *At<LocalNode>(plan, 2).key; });
  ExpectInvalid("no declared key column", [&](PhysicalPlan& plan) {
    At<LocalNode>(plan, 1).key = OutputColumns(*At<LocalNode>(plan, 1).fragment)[1];
  });
  ExpectInvalid("has no key", [&](PhysicalPlan& plan) { At<LocalNode>(plan, 1).key.reset(); });
  ExpectInvalid("hold a key twice", [&](PhysicalPlan& plan) {
    // The rows of a table with many rows a person, where its distinct keys were.
    LocalNode& local = At<LocalNode>(plan, 0);
    local.fragment = ChildrenOf(*ChildrenOf(*local.fragment)[0])[0];
  });
  Catalog other = catalog_;
  for (CatalogTable& table : other.tables) {
    if (table.schema == "bureau") table.columns[0].key_domain = "another";
  }
  EXPECT_THAT(std::string(ValidatePlan(query_.plan, query_.disclosures, other).message()),
              HasSubstr("different key domains"));
  other = catalog_;
  for (CatalogTable& table : other.tables) {
    if (table.schema == "bureau") table.columns[0].rules.join_key = false;
  }
  EXPECT_THAT(std::string(ValidatePlan(query_.plan, query_.disclosures, other).message()),
              HasSubstr("may not be joined on"));
  other = catalog_;
  for (CatalogTable& table : other.tables) {
    if (table.schema == "bureau") table.unique_keys.clear();
  }
  EXPECT_THAT(std::string(ValidatePlan(query_.plan, query_.disclosures, other).message()),
              HasSubstr("key twice"));
  other = catalog_;
  for (CatalogTable& table : other.tables) table.subject_column = 1;
  EXPECT_THAT(std::string(ValidatePlan(query_.plan, query_.disclosures, other).message()),
              HasSubstr("does not name the person"));
}

TEST_F(ValidatorTest, KeysOfOtherTypesAreNotJoined) {
  Catalog other = catalog_;
  PhysicalPlan plan = query_.plan;
  for (std::size_t t = 0; t < other.tables.size(); ++t) {
    if (other.tables[t].schema != "bureau") continue;
    other.tables[t].columns[0].type = kBigIntType;
    for (ColumnInfo& info : plan.columns) {
      if (info.table == static_cast<int>(t) && info.table_column == 0) info.type = kBigIntType;
    }
  }
  EXPECT_THAT(std::string(ValidatePlan(plan, query_.disclosures, other).message()),
              HasSubstr("keys of different types"));
}

TEST_F(ValidatorTest, Lookups) {
  for (PartyId party : {PartyId{0}, PartyId{1}, PartyId{9}, kNoParty}) {
    ExpectInvalid("helper", [&](PhysicalPlan& plan) { At<LookupNode>(plan, 0).helper = party; });
  }
  ExpectInvalid("have one owner", [&](PhysicalPlan& plan) { At<LookupNode>(plan, 0).arm = 0; });
  ExpectInvalid("not taken for nullable",
                [&](PhysicalPlan& plan) { At<LookupNode>(plan, 0).keeps_unmatched = true; });
}

TEST_F(ValidatorTest, Forms) {
  const auto arm = [&](PhysicalPlan& plan) -> std::vector<SharedForm>& {
    return At<LookupNode>(plan, 0).columns;
  };
  ExpectInvalid("does not fit its bits",
                [&](PhysicalPlan& plan) { FormOf(arm(plan), Form::kBits).width = 8; });
  ExpectInvalid("does not fit its bits",
                [&](PhysicalPlan& plan) { FormOf(arm(plan), Form::kBits).base += 5'000; });
  ExpectInvalid("of no common range", [&](PhysicalPlan& plan) { FormOf(arm(plan), Form::kBits).width += 1; });
  ExpectInvalid("has no null plane",
                [&](PhysicalPlan& plan) { FormOf(arm(plan), Form::kBits).null_plane = false; });
  ExpectInvalid("the widths differ",
                [&](PhysicalPlan& plan) { FormOf(arm(plan), Form::kOneHot).width += 1; });
  ExpectInvalid("only the spine's owner",
                [&](PhysicalPlan& plan) { FormOf(arm(plan), Form::kOneHot).form = Form::kOwned; });
  ExpectInvalid("no exact number",
                [&](PhysicalPlan& plan) { FormOf(arm(plan), Form::kOneHot).form = Form::kRing; });
  ExpectInvalid("a flag is no boolean",
                [&](PhysicalPlan& plan) { FormOf(arm(plan), Form::kBits).form = Form::kFlag; });
  ExpectInvalid("not the fragment's",
                [&](PhysicalPlan& plan) { FormOf(arm(plan), Form::kBits).column = 0xffff; });
  ExpectInvalid("shared as a value",
                [&](PhysicalPlan& plan) { arm(plan)[0].column = *At<LocalNode>(plan, 1).key; });
}

TEST_F(ValidatorTest, Spaces) {
  ExpectInvalid("lacks", [&](PhysicalPlan& plan) { At<LookupNode>(plan, 0).columns.clear(); });
  ExpectInvalid("is expanded that the key space lacks",
                [&](PhysicalPlan& plan) { At<RowsNode>(plan).expanded[0].null_plane = false; });
  ExpectInvalid("slot space lacks", [&](PhysicalPlan& plan) { At<RowsNode>(plan).expanded.clear(); });
  ExpectInvalid("not the rows' owner's",
                [&](PhysicalPlan& plan) { At<RowSumsNode>(plan).sums[0].value = 0; });
  ExpectInvalid("no new column", [&](PhysicalPlan& plan) {
    At<RowSumsNode>(plan, 1).sums[0].output = At<RowSumsNode>(plan, 0).sums[0].output;
  });
  ExpectInvalid("slot space lacks",
                [&](PhysicalPlan& plan) {  // a key-level column, at rows to which it was not expanded
                  At<RowSumsNode>(plan, 1).sums[0].condition =
                      MakeCall(Function::kGreater,
                               {MakeColumn(At<RowSumsNode>(plan, 0).sums[0].output, kBigIntType),
                                MakeLiteral(std::int64_t{0}, kBigIntType)},
                               kBooleanType);
                });
  ExpectInvalid("condition is no boolean", [&](PhysicalPlan& plan) {
    At<ConditionNode>(plan).predicate = MakeLiteral(std::int64_t{1}, kBigIntType);
  });
  ExpectInvalid("not the spine owner's", [&](PhysicalPlan& plan) { At<RowsNode>(plan).local = 2; });
}

TEST_F(ValidatorTest, CellsAndGate) {
  ExpectInvalid("not its column's public domain", [&](PhysicalPlan& plan) {
    At<CellsNode>(plan).groups[0].values[0] = Value(std::string("other"));
  });
  ExpectInvalid("no code for it",
                [&](PhysicalPlan& plan) { At<CellsNode>(plan).groups[0].has_null = false; });
  ExpectInvalid("codes are not shared", [&](PhysicalPlan& plan) { At<LookupNode>(plan, 1).columns.clear(); });
  ExpectInvalid("not in the order of the groups",
                [&](PhysicalPlan& plan) { At<CellsNode>(plan).method = GroupMethod::kBoundaries; });
  ExpectInvalid("hold no measure", [&](PhysicalPlan& plan) { At<CellsNode>(plan).measures.clear(); });
  ExpectInvalid("does not count persons first",
                [&](PhysicalPlan& plan) { At<GateNode>(plan).person_measures.clear(); });
  ExpectInvalid("does not count persons first",
                [&](PhysicalPlan& plan) { At<GateNode>(plan).person_measures = {1}; });
  ExpectInvalid("does not exist",
                [&](PhysicalPlan& plan) { At<GateNode>(plan).person_measures.push_back(99); });
  ExpectInvalid("twice", [&](PhysicalPlan& plan) { At<GateNode>(plan).person_measures.push_back(0); });
  ExpectInvalid("something else than persons",
                [&](PhysicalPlan& plan) { At<GateNode>(plan).person_measures.push_back(1); });
  ExpectInvalid("leaves persons out", [&](PhysicalPlan& plan) {
    At<CellsNode>(plan).measures[0].condition = At<ConditionNode>(plan).predicate;
  });
  Catalog other = catalog_;
  for (CatalogTable& table : other.tables) {
    if (table.schema == "bureau") table.columns[1].rules.group_key = false;
  }
  EXPECT_THAT(std::string(ValidatePlan(query_.plan, query_.disclosures, other).message()),
              HasSubstr("grouped by that may not be"));
}

TEST_F(ValidatorTest, OneOwnersCells) {
  Use("SELECT diagnosis, COUNT(*) AS n FROM hospital.patients GROUP BY diagnosis");
  ExpectInvalid("other groups than the query's", [&](PhysicalPlan& plan) {
    AggregateNode aggregate = std::get<AggregateNode>(At<LocalNode>(plan).fragment->node);
    aggregate.group_by.push_back(0);
    At<LocalNode>(plan).fragment = MakeNode(aggregate);
  });
  ExpectInvalid("something else than persons", [&](PhysicalPlan& plan) {
    AggregateNode aggregate = std::get<AggregateNode>(At<LocalNode>(plan).fragment->node);
    aggregate.calls[0].call.distinct = false;
    At<LocalNode>(plan).fragment = MakeNode(aggregate);
  });
  ExpectInvalid("leaves persons out", [&](PhysicalPlan& plan) {
    AggregateNode aggregate = std::get<AggregateNode>(At<LocalNode>(plan).fragment->node);
    aggregate.calls[0].call.filter = MakeLiteral(true, kBooleanType);
    At<LocalNode>(plan).fragment = MakeNode(aggregate);
  });
  ExpectInvalid("has no column", [&](PhysicalPlan& plan) { At<CellsNode>(plan).measure_columns.pop_back(); });
}

TEST_F(ValidatorTest, CellsOfRows) {
  Use(QuestionText("05_top_claim_categories"));
  ExpectInvalid("several rows in a cell", [&](PhysicalPlan& plan) {
    LocalNode& local = At<LocalNode>(plan, 2);
    const LogicalPtr same = local.fragment;
    ProjectNode project = std::get<ProjectNode>(same->node);
    // Rows beside a table that has many for each key.
    for (std::size_t t = 0; t < catalog_.tables.size(); ++t) {
      if (catalog_.tables[t].FullName() != "insurer.enrolment") continue;
      plan.columns.push_back({.name = "bsn",
                              .type = kTextType,
                              .nullable = false,
                              .table = static_cast<int>(t),
                              .table_column = 0});
      const LogicalPtr scan =
          MakeNode(ScanNode{static_cast<int>(t), {{static_cast<ColumnId>(plan.columns.size() - 1), 0}}});
      project.child = MakeNode(JoinNode{
          JoinKind::kInner, project.child, scan,
          MakeCall(Function::kEqual,
                   {MakeColumn(*local.key, kTextType), MakeColumn(plan.columns.size() - 1, kTextType)},
                   kBooleanType)});
    }
    local.fragment = MakeNode(project);
  });
  ExpectInvalid("a measure of rows is not their owner's",
                [&](PhysicalPlan& plan) { At<RowsNode>(plan).columns.pop_back(); });
}

TEST_F(ValidatorTest, Report) {
  std::vector<Disclosure> report = query_.disclosures;
  report[1].max_values += 1;
  EXPECT_THAT(std::string(ValidatePlan(query_.plan, report, catalog_).message()),
              HasSubstr("leakage report"));
  report = query_.disclosures;
  report.pop_back();
  EXPECT_THAT(std::string(ValidatePlan(query_.plan, report, catalog_).message()),
              HasSubstr("leakage report"));
  report = query_.disclosures;
  report[0].recipient = kNoParty;
  EXPECT_THAT(std::string(ValidatePlan(query_.plan, report, catalog_).message()),
              HasSubstr("leakage report"));
  ExpectInvalid("recipient is no party", [](PhysicalPlan& plan) { plan.recipient = kNoParty; });
}

TEST_F(ValidatorTest, Finish) {
  ExpectInvalid("nothing to do", [](PhysicalPlan& plan) { plan.finish = nullptr; });
  ExpectInvalid("not all computed", [](PhysicalPlan& plan) { plan.calls.pop_back(); });
  ExpectInvalid("computed as another",
                [](PhysicalPlan& plan) { plan.calls[0].function = AggregateFunction::kSum; });
  ExpectInvalid("measure that does not exist", [](PhysicalPlan& plan) { plan.calls[1].sum_measure = 99; });
  ExpectInvalid("reads something else",
                [&](PhysicalPlan& plan) { plan.finish = At<LocalNode>(plan).fragment; });
}

}  // namespace
}  // namespace care::planner
