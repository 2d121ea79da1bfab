// The dialect profile of a connector claims that what its database is handed it computes as PostgreSQL would; the
// node's own evaluator claims the same of itself. Here both answer the same random fragments over the same random
// rows, with NULLs, texts in another order than their bytes' and awkward texts, and must agree cell by cell.

#include <algorithm>
#include <cstdint>
#include <string>
#include <tuple>
#include <vector>

#include "engine/exec/local/evaluator.h"
#include "gtest/gtest.h"
#include "tests/connectors/random_fragments.h"

namespace care::connectors {
namespace {

std::vector<planner::CatalogTable> MakeTables() {
  planner::CatalogTable one = DeclaredTable("one", {Declared("id", kBigIntType, false),
                                                    Declared("big", kBigIntType),
                                                    Declared("small", kIntegerType),
                                                    Declared("flag", kBooleanType),
                                                    Declared("day", kDateType),
                                                    Declared("txt", kTextType),
                                                    Declared("amount", {TypeKind::kNumeric, 8, 2}),
                                                    Declared("moment", kTimestampType),
                                                    Declared("instant", kTimestampTzType)});
  one.columns[kBig].min = -1000;
  one.columns[kBig].max = 1000;
  one.columns[kSmall].min = -50;
  one.columns[kSmall].max = 50;
  one.columns[kDay].min = 10'000;
  one.columns[kDay].max = 20'000;
  for (const int moment : {kMoment, kInstant}) {
    one.columns[moment].min = 10'000 * kMicrosecondsOfDay;
    one.columns[moment].max = 20'000 * kMicrosecondsOfDay;
  }
  return {one, DeclaredTable("two", {Declared("id", kBigIntType), Declared("weight", kBigIntType)})};
}

void Fill(TestFederation& federation, std::uint64_t seed) {
  Random random(seed);
  std::vector<Row> one, two;
  for (int row = 0; row < 70; ++row) {
    const auto cell = [&](Value value) { return random.Below(5) == 0 ? Value(Null{}) : value; };
    const auto number = [&](std::uint64_t below, std::int64_t least) {
      return static_cast<std::int64_t>(random.Below(below)) + least;
    };
    const auto moment = [&](bool zoned) {
      const std::int64_t time = random.Below(3) == 0 ? 0 : number(86'400'000, 0) * 1000 + number(3, -1);
      return Timestamp{(18000 + number(60, 0)) * kMicrosecondsOfDay + time, zoned};
    };
    one.push_back({std::int64_t{row}, cell(number(30, -15)), cell(number(100, -50)), cell(random.Below(2) == 0),
                   cell(Date{static_cast<std::int32_t>(18000 + random.Below(60))}),
                   cell(std::string(kTexts[random.Below(11)])), cell(Decimal{number(4000, -2000), 2}), cell(moment(false)), cell(moment(true))});
    two.push_back({cell(number(30, -15)), cell(number(9, 0))});
  }
  federation.Store(0, one);
  federation.Store(1, two);
}

// Everything above the scans by the node itself.
absl::StatusOr<ColumnBatch> EvaluateHere(const LogicalNode& node, Connector& connector,
                                         const std::vector<planner::ColumnInfo>& columns) {
  if (std::holds_alternative<planner::ScanNode>(node.node)) return connector.Run(node);
  std::vector<ColumnBatch> children;
  for (const LogicalPtr& child : planner::ChildrenOf(node)) {
    auto batch = EvaluateHere(*child, connector, columns);
    if (!batch.ok()) return batch.status();
    children.push_back(*std::move(batch));
  }
  return engine::EvaluateOperator(node, std::move(children), columns);
}

enum class Shape { kFilter, kProject, kAggregate, kInner, kLeft, kSemi, kAnti, kSort, kDistinct, kFunctions,
                   kFull, kSemiIf, kAntiIf, kUnion, kUnionAll, kIntersect, kIntersectAll, kExcept, kExceptAll, kWindow };

class FragmentConformance : public testing::TestWithParam<std::tuple<DatabaseKind, Shape>> {};

TEST_P(FragmentConformance, DatabaseAndNodeAgree) {
  const auto& [kind, shape] = GetParam();
  if (!kind.computes) GTEST_SKIP() << kind.name << " runs scans alone";
  int compared = 0;
  TestFederation federation(kind, MakeTables());
  for (std::uint64_t seed = 1; seed <= 40; ++seed) {
    Fill(federation, seed);
    federation.RefreshColumns();
    RandomFragments fragments(federation, seed * 31 + static_cast<std::uint64_t>(shape));
    const LogicalPtr scan = federation.Scan(0);
    LogicalPtr node;
    switch (shape) {
      case Shape::kFilter:
        node = fragments.Filtered(fragments.Filtered(scan));
        break;
      case Shape::kProject:
        node = fragments.Projected(fragments.Filtered(scan));
        break;
      case Shape::kAggregate:
        node = fragments.Aggregated(seed % 2 == 0 ? fragments.Filtered(scan) : scan);
        break;
      case Shape::kInner:
        node = fragments.Joined(planner::JoinKind::kInner, fragments.Filtered(scan), federation.Scan(1));
        break;
      case Shape::kLeft:
        node = fragments.Joined(planner::JoinKind::kLeft, scan, federation.Scan(1));
        if (seed % 2 == 0) node = fragments.Filtered(node);
        break;
      case Shape::kSemi:
        node = fragments.Joined(planner::JoinKind::kSemi, fragments.Filtered(scan), federation.Scan(1));
        break;
      case Shape::kAnti:
        node = fragments.Joined(planner::JoinKind::kAnti, scan, federation.Scan(1));
        break;
      case Shape::kSort:
        node = Node(planner::LimitNode{fragments.Sorted(fragments.Filtered(scan)), 20, seed % 3});
        break;
      case Shape::kDistinct:
        node = Node(planner::DistinctNode{fragments.Projected(scan)});
        break;
      case Shape::kFull:
        node = fragments.JoinedIf(planner::JoinKind::kFull, fragments.Filtered(scan), federation.Scan(1));
        break;
      case Shape::kSemiIf:
        node = fragments.JoinedIf(planner::JoinKind::kSemi, scan, federation.Scan(1));
        break;
      case Shape::kAntiIf:
        node = fragments.JoinedIf(planner::JoinKind::kAnti, scan, federation.Scan(1));
        break;
      case Shape::kUnion:
        node = fragments.Combined(scan, sql::SetOperationKind::kUnion, false);
        break;
      case Shape::kUnionAll:
        node = fragments.Combined(scan, sql::SetOperationKind::kUnion, true);
        break;
      case Shape::kIntersect:
        node = fragments.Combined(scan, sql::SetOperationKind::kIntersect, false);
        break;
      case Shape::kIntersectAll:
        node = fragments.Combined(scan, sql::SetOperationKind::kIntersect, true);
        break;
      case Shape::kExcept:
        node = fragments.Combined(scan, sql::SetOperationKind::kExcept, false);
        break;
      case Shape::kExceptAll:
        node = fragments.Combined(scan, sql::SetOperationKind::kExcept, true);
        break;
      case Shape::kWindow:
        node = fragments.Windowed(seed % 2 == 0 ? fragments.Filtered(scan) : scan);
        break;
      case Shape::kFunctions:
        node = fragments.Functions(seed % 2 == 0 ? fragments.Filtered(scan) : scan);
        break;
    }
    auto connector = federation.Open();
    if (!connector->Supports(*node)) continue;
    const std::string sql = connector->SqlFor(*node).value();
    const auto pushed = connector->Run(*node);
    ASSERT_TRUE(pushed.ok()) << pushed.status() << "\n" << sql;
    const auto here = EvaluateHere(*node, *connector, federation.columns());
    ASSERT_TRUE(here.ok()) << here.status() << "\n" << sql;
    std::vector<std::string> pushed_rows = RowTexts(*pushed);
    std::vector<std::string> own_rows = RowTexts(*here);
    if (shape != Shape::kSort) {
      std::sort(pushed_rows.begin(), pushed_rows.end());
      std::sort(own_rows.begin(), own_rows.end());
    }
    ASSERT_EQ(pushed_rows, own_rows) << sql;
    ++compared;
  }
  const bool for_the_reference = shape == Shape::kFunctions || shape == Shape::kSemiIf || shape == Shape::kAntiIf ||
                                 shape == Shape::kIntersectAll || shape == Shape::kExceptAll;
  if (for_the_reference && !kind.computes_functions) return;
  EXPECT_GE(compared, 33) << "the profile refuses what it should support";
}

INSTANTIATE_TEST_SUITE_P(
    Shapes, FragmentConformance,
    testing::Combine(testing::ValuesIn(AllKinds()),
                     testing::Values(Shape::kFilter, Shape::kProject, Shape::kAggregate, Shape::kInner, Shape::kLeft,
                                     Shape::kSemi, Shape::kAnti, Shape::kSort, Shape::kDistinct, Shape::kFunctions,
                                     Shape::kFull, Shape::kSemiIf, Shape::kAntiIf, Shape::kUnion, Shape::kUnionAll,
                                     Shape::kIntersect, Shape::kIntersectAll, Shape::kExcept, Shape::kExceptAll,
                                     Shape::kWindow)));

}  // namespace
}  // namespace care::connectors
