// Plans that run in partitions: which queries can, what the validator proves of them, and that a broken one is refused.
#include <algorithm>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "planner/physical/fit_memory.h"
#include "planner/physical/partition_tables.h"
#include "planner/physical/table_cost.h"
#include "planner/physical/table_shape.h"
#include "planner/physical/table_validator.h"
#include "tests/unit/planner/planned_questions.h"

namespace care::planner {
namespace {

using testing::HasSubstr;

std::string Column(const std::string& name, const std::string& type, const std::string& more) {
  return absl::StrCat("  [[table.column]]\n  name = \"", name, "\"\n  type = \"", type, "\"\n  ", more, "\n");
}

// A million persons of an insurer's claims, a hospital's visits and a bureau's registry.
std::string Federation(const std::string& joint) {
  const std::string person = Column("bsn", "text", "key = \"bsn\"\n  nullable = false\n  max_bytes = 9");
  const std::string no_person = Column("bsn", "text", "key = \"bsn\"\n  max_bytes = 9");
  std::string text = "name = \"large\"\nversion = 1\ncompute = [\"insurer\", \"hospital\", \"bureau\"]\nauthority_sha256 = \"" +
                     std::string(64, '0') + "\"\n";
  for (const char* party : {"insurer", "hospital", "bureau"})
    absl::StrAppend(&text, "[[party]]\nname = \"", party, "\"\naddress = \"127.0.0.1:74", party[0] % 10, "1\"\n");
  absl::StrAppend(&text, "[joint]\n", joint, "\n");
  absl::StrAppend(&text, "[[table]]\nname = \"insurer.claims\"\nsubject = \"bsn\"\nrow_bound = 4000000\nmax_rows_per_subject = 40\nsubject_bound = 1000000\n", person,
                  Column("cost", "integer", "min = 0\n  max = 100000\n  use = [\"aggregate\", \"filter\"]"),
                  Column("kind", "text", "domain = [\"a\", \"b\", \"c\"]\n  nullable = false\n  use = [\"group_key\", \"filter\"]"));
  absl::StrAppend(&text, "[[table]]\nname = \"hospital.visits\"\nsubject = \"bsn\"\nrow_bound = 1000000\nmax_rows_per_subject = 10\n", no_person,
                  Column("day", "date", "min = \"2020-01-01\"\n  max = \"2025-12-31\"\n  use = [\"aggregate\", \"filter\", \"extreme\"]"));
  absl::StrAppend(&text, "[[table]]\nname = \"bureau.persons\"\nsubject = \"bsn\"\nprimary_key = [\"bsn\"]\nrow_bound = 1000000\n", person,
                  Column("region", "text", "domain = [\"north\", \"south\"]\n  nullable = false\n  use = [\"group_key\", \"filter\"]"),
                  Column("age", "integer", "min = 0\n  max = 120\n  nullable = false\n  use = [\"aggregate\", \"group_key\", \"filter\"]"));
  return text;
}

constexpr const char* kCosts =
    "SELECT p.region, COUNT(DISTINCT c.bsn) AS persons, SUM(c.cost) AS cost FROM insurer.claims c JOIN bureau.persons p ON p.bsn = c.bsn "
    "GROUP BY p.region";
constexpr const char* kLongest =
    "SELECT p.region, MAX(v.day) AS last, COUNT(*) AS n FROM hospital.visits v JOIN bureau.persons p ON p.bsn = v.bsn "
    "WHERE p.age > 40 GROUP BY p.region";

class PartitionPlans : public testing::Test {
 protected:
  static PlannedQuery PlanIn(const std::string& joint, const std::string& sql, bool all_secret = true) {
    PlanInputs inputs = DemoInputs();
    inputs.all_secret = all_secret;
    auto query = PlanQuery(sql, ParsedFederation(Federation(joint)), inputs);
    EXPECT_TRUE(query.ok()) << query.status();
    return query.ok() ? *std::move(query) : PlannedQuery{};
  }
  static std::vector<ShareTableNode> Partitioned(const PhysicalPlan& plan) {
    std::vector<ShareTableNode> shares;
    for (const PhysicalNode& node : plan.nodes) {
      const auto* share = std::get_if<ShareTableNode>(&node);
      if (share != nullptr && share->partitions) shares.push_back(*share);
    }
    return shares;
  }
  template <typename Change>
  static void ExpectInvalid(const PlannedQuery& query, const std::string& rule, Change change) {
    PhysicalPlan plan = query.plan;
    change(plan);
    const absl::Status status = ValidateTables(plan, ParsedFederation(Federation("")));
    EXPECT_EQ(status.code(), absl::StatusCode::kInternal);
    EXPECT_THAT(std::string(status.message()), HasSubstr(rule));
  }
};

TEST_F(PartitionPlans, AreNoneWhereMemorySuffices) {
  EXPECT_TRUE(Partitioned(PlanIn("", kLongest).plan).empty());
  EXPECT_TRUE(Partitioned(PlanIn("memory_megabytes = 100000", kCosts).plan).empty());
}

TEST_F(PartitionPlans, TakeLessMemoryInAsFewPartitionsAsFit) {
  const mpc::LinkSpeed link{8'000, 25};
  const PlannedQuery whole = PlanIn("memory_megabytes = 100000", kCosts);
  const std::uint64_t at_once = TableCostsOf(whole.plan, link).peak_bytes;
  const PlannedQuery parts = PlanIn(absl::StrCat("memory_megabytes = ", (at_once >> 20) / 3), kCosts);
  ASSERT_EQ(Partitioned(parts.plan).size(), 2u) << parts.ExplainText(ParsedFederation(Federation("")));
  EXPECT_EQ(Partitioned(parts.plan)[0].partitions->count, 4u);
  EXPECT_LE(TableCostsOf(parts.plan, link).peak_bytes, at_once / 3);
  // The bytes of a sort grow a little less than linearly with its rows, the padding is a few percent.
  EXPECT_LT(parts.cost.bytes, whole.cost.bytes * 11 / 10);
}

TEST_F(PartitionPlans, AddUpWhatEachPartitionHasOfAGroup) {
  const PlannedQuery query = PlanIn("partitions = 4", kCosts);
  PhysicalPlan plan = query.plan;
  EXPECT_TRUE(At<GatherPartitionsNode>(plan).is_partial);
  const auto parts = At<GroupTableNode>(plan, 0), whole = At<GroupTableNode>(plan, 1);
  EXPECT_EQ(parts.group_by, whole.group_by);
  ASSERT_EQ(parts.calls.size(), whole.calls.size());
  for (const NamedAggregate& named : whole.calls) EXPECT_EQ(named.call.function, AggregateFunction::kSum);
}

TEST_F(PartitionPlans, HoldForTheValidatorAndFailWhenBroken) {
  const PlannedQuery query = PlanIn("partitions = 4", kLongest);
  ASSERT_EQ(Partitioned(query.plan).size(), 2u);
  EXPECT_TRUE(ValidateTables(query.plan, ParsedFederation(Federation(""))).ok());
  const auto shares = [](PhysicalPlan& plan) {
    std::vector<ShareTableNode*> found;
    for (PhysicalNode& node : plan.nodes) {
      if (auto* share = std::get_if<ShareTableNode>(&node); share != nullptr && share->partitions) found.push_back(share);
    }
    return found;
  };
  // Rows of one partition would meet those of another, or of none.
  ExpectInvalid(query, "rows of different partitions may match", [&](PhysicalPlan& plan) {
    ShareTableNode& share = *shares(plan)[0];
    for (const ShareColumn& column : share.columns)
      if (column.column != share.partitions->column) share.partitions->column = column.column;
  });
  ExpectInvalid(query, "rows are partitioned by what they do not have",
                [&](PhysicalPlan& plan) { shares(plan)[0]->partitions->column = shares(plan)[1]->partitions->column; });
  ExpectInvalid(query, "different numbers of partitions", [&](PhysicalPlan& plan) { shares(plan)[1]->partitions->count = 5; });
  ExpectInvalid(query, "it has no partitions", [&](PhysicalPlan& plan) {
    for (ShareTableNode* share : shares(plan)) share->partitions->count = 1;
  });
  ExpectInvalid(query, "it mistakes parts of groups for groups", [&](PhysicalPlan& plan) {
    At<GatherPartitionsNode>(plan).is_partial = !At<GatherPartitionsNode>(plan).is_partial;
  });
  // A gate that sees the parts.
  ExpectInvalid(query, "a gate sees one partition alone", [&](PhysicalPlan& plan) {
    At<GateTableNode>(plan).input = At<GatherPartitionsNode>(plan).input;
  });
}

// Claims in partitions by kind: a person has claims of several, and the sum of the partitions' counts would count it for each.
TEST_F(PartitionPlans, DoNotCountAPersonInTwoPartitions) {
  const PlannedQuery query = PlanIn("partitions = 4", "SELECT COUNT(DISTINCT c.bsn) AS persons FROM insurer.claims c");
  ASSERT_EQ(Partitioned(query.plan).size(), 1u) << query.ExplainText(ParsedFederation(Federation("")));
  ExpectInvalid(query, "parts of a group do not add up to it", [&](PhysicalPlan& plan) {
    for (PhysicalNode& node : plan.nodes) {
      auto* share = std::get_if<ShareTableNode>(&node);
      if (share == nullptr || !share->partitions) continue;
      ColumnInfo kind;
      kind.name = "kind";
      kind.type = kTextType;
      kind.nullable = false;
      kind.domain = {"a", "b", "c"};
      const auto column = static_cast<ColumnId>(plan.columns.size());
      plan.columns.push_back(kind);
      auto& local = std::get<LocalNode>(plan.nodes[share->local]);
      const int position = 2;
      LogicalPtr scan = local.fragment;
      while (!ChildrenOf(*scan).empty()) scan = ChildrenOf(*scan)[0];
      ScanNode wider = std::get<ScanNode>(scan->node);
      wider.columns.push_back({column, position});
      local.fragment = MakeNode(std::move(wider));
      share->columns.push_back({.column = column});
      share->partitions->column = column;
    }
  });
}

// Rows of one person stay together: if nobody says how many there are, each partition must have room for all.
TEST_F(PartitionPlans, AreNoneWhereAValueMayHaveAnyNumberOfRows) {
  std::string federation = Federation("memory_megabytes = 200");
  const std::string bound = "max_rows_per_subject = 40\n";
  federation.erase(federation.find(bound), bound.size());
  PlanInputs inputs = DemoInputs();
  inputs.all_secret = true;
  const auto query = PlanQuery("SELECT COUNT(DISTINCT c.bsn) AS persons FROM insurer.claims c", ParsedFederation(federation), inputs);
  ASSERT_TRUE(query.ok()) << query.status();
  EXPECT_TRUE(Partitioned(query->plan).empty());
  EXPECT_FALSE(Partitioned(PlanIn("memory_megabytes = 200", "SELECT COUNT(DISTINCT c.bsn) AS persons FROM insurer.claims c").plan).empty());
}

TEST_F(PartitionPlans, AreOfWholeGroupsWhereTheyAreReleased) {
  const PlannedQuery query = PlanIn("partitions = 4", kCosts);
  const auto gather_of = [](const PhysicalPlan& plan) {
    for (NodeId id = 0; id < plan.nodes.size(); ++id)
      if (std::holds_alternative<GatherPartitionsNode>(plan.nodes[id])) return id;
    return NodeId{0};
  };
  ExpectInvalid(query, "it takes parts of groups for groups", [&](PhysicalPlan& plan) { At<GateTableNode>(plan).input = gather_of(plan); });
  ExpectInvalid(query, "parts of a group do not add up to it",
                [&](PhysicalPlan& plan) { At<GroupTableNode>(plan, 1).calls[0].call.function = AggregateFunction::kCount; });
  ExpectInvalid(query, "parts of a group do not add up to it",
                [&](PhysicalPlan& plan) { At<GroupTableNode>(plan, 1).calls[0].call.function = AggregateFunction::kMax; });
  ExpectInvalid(query, "a partition has too few slots", [&](PhysicalPlan& plan) {
    for (PhysicalNode& node : plan.nodes)
      if (auto* share = std::get_if<ShareTableNode>(&node); share != nullptr && share->partitions) share->partitions->slots = 1;
  });
}

// Of every kind of operator, and of the methods that joins and groups have.
TEST_F(PartitionPlans, RunEveryOperator) {
  const std::string by_region = " x JOIN bureau.persons p ON p.bsn = x.bsn GROUP BY p.region";
  const std::vector<std::string> queries = {
      "SELECT p.region, SUM(x.m) FROM (SELECT bsn, PERCENTILE_DISC(0.5) WITHIN GROUP (ORDER BY cost) AS m, COUNT(DISTINCT cost) AS k FROM insurer.claims GROUP BY bsn)" + by_region,
      "SELECT p.region, SUM(x.d) FROM (SELECT bsn, cost - LAG(cost) OVER (PARTITION BY bsn ORDER BY cost) AS d, ROW_NUMBER() OVER (PARTITION BY bsn ORDER BY cost) AS r FROM insurer.claims)" + by_region,
      "SELECT p.region, COUNT(*) FROM (SELECT bsn FROM insurer.claims UNION ALL SELECT bsn FROM hospital.visits)" + by_region,
      "SELECT p.region, COUNT(*) FROM (SELECT DISTINCT bsn, kind FROM insurer.claims)" + by_region,
      "SELECT AVG(x.cost) FROM (SELECT c.bsn, c.cost FROM insurer.claims c JOIN bureau.persons p ON p.bsn = c.bsn WHERE p.age > 40 ORDER BY c.cost DESC, c.bsn LIMIT 100) x",
      "SELECT p.region, COUNT(v.day) FROM bureau.persons p LEFT JOIN hospital.visits v ON v.bsn = p.bsn GROUP BY p.region",
      "SELECT p.region, COUNT(*) FROM bureau.persons p WHERE NOT EXISTS (SELECT 1 FROM insurer.claims c WHERE c.bsn = p.bsn AND c.cost > p.age) GROUP BY p.region",
      "SELECT COUNT(*) FROM insurer.claims c FULL JOIN hospital.visits v ON v.bsn = c.bsn",
      kCosts,
      kLongest};
  std::set<std::size_t> kinds, joins, groups;
  std::set<AggregateFunction> calls;
  for (const std::string& sql : queries) {
    const PlannedQuery query = PlanIn("partitions = 4", sql);
    EXPECT_FALSE(Partitioned(query.plan).empty()) << sql;
    EXPECT_TRUE(ValidateTables(query.plan, ParsedFederation(Federation("partitions = 4"))).ok()) << sql;
    for (NodeId id = 0; id < query.plan.nodes.size(); ++id) {
      if (RunsOf(query.plan, id) < 2) continue;
      const PhysicalNode& node = query.plan.nodes[id];
      kinds.insert(node.index());
      if (const auto* join = std::get_if<JoinTablesNode>(&node)) joins.insert(static_cast<std::size_t>(join->kind));
      const auto* group = std::get_if<GroupTableNode>(&node);
      if (group == nullptr) continue;
      groups.insert(static_cast<std::size_t>(group->method));
      for (const NamedAggregate& named : group->calls) calls.insert(named.call.function);
    }
  }
  const PhysicalNode all[] = {ShareTableNode(), ConcatTablesNode(), DeriveTableNode(), FilterTableNode(), JoinTablesNode(),
                              GroupTableNode(), WindowTableNode(), TopTableNode()};
  for (const PhysicalNode& node : all) EXPECT_TRUE(kinds.contains(node.index())) << node.index();
  for (const JoinKind kind : {JoinKind::kInner, JoinKind::kLeft, JoinKind::kFull}) EXPECT_TRUE(joins.contains(static_cast<std::size_t>(kind)));
  EXPECT_TRUE(groups.contains(static_cast<std::size_t>(TableGroupMethod::kSorted)));
  for (const AggregateFunction function : {AggregateFunction::kPercentileDiscrete, AggregateFunction::kSum, AggregateFunction::kMax, AggregateFunction::kCountStar})
    EXPECT_TRUE(calls.contains(function)) << NameOf(function);
}

TEST_F(PartitionPlans, AreExplained) {
  const PlannedQuery query = PlanIn("partitions = 4", kCosts);
  const std::string text = query.ExplainText(ParsedFederation(Federation("partitions = 4")));
  EXPECT_THAT(text, HasSubstr("in 4 partitions by a keyed hash of"));
  EXPECT_THAT(text, HasSubstr("Gather  4 partitions"));
  EXPECT_THAT(text, HasSubstr("a party's memory, by estimate"));
  EXPECT_THAT(text, HasSubstr("in each of 4 partitions"));
}

TEST_F(PartitionPlans, RunOnAsManyLanesAsAreDeclared) {
  EXPECT_EQ(PlanIn("partitions = 4", kCosts).plan.lanes, 1u);
  EXPECT_EQ(PlanIn("partitions = 4\nlanes = 2", kCosts).plan.lanes, 2u);
  EXPECT_EQ(PlanIn("partitions = 4\nlanes = 16", kCosts).plan.lanes, 4u);
  EXPECT_EQ(PlanIn("lanes = 2", kLongest).plan.lanes, 1u) << "without partitions";
}

TEST_F(PartitionPlans, AreInTheExecutionDigest) {
  EXPECT_NE(PlanIn("partitions = 4", kCosts).execution_digest, PlanIn("partitions = 2", kCosts).execution_digest);
}

}  // namespace
}  // namespace care::planner
