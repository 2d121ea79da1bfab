// What an operator is executed by follows from the link: where a round is dear, what takes few of them.
#include "planner/physical/choose_methods.h"

#include "gtest/gtest.h"
#include "planner/logical/build_expressions.h"
#include "planner/physical/group_sorts.h"
#include "planner/physical/table_cost.h"

namespace care::planner {
namespace {

constexpr mpc::LinkSpeed kNear{8'000, 25};
constexpr mpc::LinkSpeed kFar{100, 50'000};

// Rows of one owner counted and added up by a column of so many public values.
PhysicalPlan GroupsOf(std::uint64_t rows, std::int64_t values) {
  PhysicalPlan plan;
  plan.columns = {{.name = "key", .type = kIntegerType, .nullable = false, .min = 1, .max = values},
                  {.name = "amount", .type = kIntegerType, .nullable = false, .min = 0, .max = 1000},
                  {.name = "count", .type = kBigIntType, .nullable = false, .min = 0, .max = 1 << 20},
                  {.name = "sum", .type = kBigIntType, .nullable = true, .min = 0, .max = 1 << 30}};
  plan.nodes.push_back(LocalNode{.party = 0, .row_bound = rows});
  plan.nodes.push_back(ShareTableNode{.local = 0, .columns = {{.column = 0}, {.column = 1, .bits = false, .ring = true}}});
  GroupTableNode group{.input = 1, .method = TableGroupMethod::kDense, .group_by = {0}};
  group.domains.emplace_back();
  for (std::int64_t value = 1; value <= values; ++value) group.domains[0].emplace_back(value);
  group.calls.push_back({2, {.function = AggregateFunction::kCountStar, .type = kBigIntType}});
  group.calls.push_back({3, {.function = AggregateFunction::kSum, .argument = MakeColumn(1, kIntegerType), .type = kBigIntType}});
  group.group_bound = static_cast<std::uint64_t>(values);
  plan.nodes.push_back(std::move(group));
  plan.nodes.push_back(GateTableNode{.input = 2});
  plan.nodes.push_back(OpenTableNode{.input = 3, .columns = {0, 2, 3}, .dense = true});
  plan.recipient = 0;
  return plan;
}

const GroupTableNode& GroupIn(const PhysicalPlan& plan) { return std::get<GroupTableNode>(plan.nodes[2]); }

TEST(ChooseMethods, GroupsAreSortedOverANearLinkAndFlaggedOverAFarOne) {
  PhysicalPlan near = GroupsOf(1000, 40), far = near;
  ChooseMethods(near, kNear);
  ChooseMethods(far, kFar);
  EXPECT_TRUE(GroupIn(near).sorts_cells) << near.reasons[2];
  EXPECT_FALSE(GroupIn(far).sorts_cells) << far.reasons[2];
  EXPECT_NE(near.reasons[2].find("a sort moves"), std::string::npos) << near.reasons[2];
  EXPECT_NE(far.reasons[2].find("a flag for each in every row moves"), std::string::npos) << far.reasons[2];
}

TEST(ChooseMethods, TakesTheQuicker) {
  for (const mpc::LinkSpeed& link : {kNear, kFar}) {
    for (const std::int64_t values : {2, 10, 20, 30, 40, 64}) {
      for (const std::uint64_t rows : {10, 1000, 100'000}) {
        PhysicalPlan plan = GroupsOf(rows, values);
        ChooseMethods(plan, link);
        const TableCosts costs = TableCostsOf(plan, link);
        ASSERT_TRUE(costs.is_known);
        ASSERT_EQ(costs.other_ways.size(), 1u);
        EXPECT_LE(mpc::ElapsedMicroseconds(costs.nodes[2], link), mpc::ElapsedMicroseconds(costs.other_ways.at(2), link));
      }
    }
  }
}

TEST(ChooseMethods, MoreFlagsThanFitIntoMemoryAreNone) {
  PhysicalPlan plan = GroupsOf(std::uint64_t{1} << 23, 20);
  ChooseMethods(plan, kFar);
  EXPECT_FALSE(SortsOf(GroupIn(plan)).by_cells);
}

}  // namespace
}  // namespace care::planner
