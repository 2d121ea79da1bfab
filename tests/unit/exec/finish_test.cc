// The recipient's arithmetic on released cells, cell by cell: what is hidden, what is empty, and PostgreSQL's
// digits.
#include "engine/exec/finish.h"

#include <gtest/gtest.h>

namespace care::engine {
namespace {

using planner::AggregateFunction;
using planner::ExpressionPtr;
using planner::Function;
using planner::MakeCall;
using planner::MakeColumn;
using planner::MakeLiteral;

// GROUP BY region (a, b, c or NULL): COUNT(*), SUM(amount), AVG(amount), where amount is numeric(12,2).
enum : planner::ColumnId { kRegion, kCount, kSum, kAverage, kRatio };
enum : std::uint32_t { kPersons, kAmounts, kNotNull };

struct Example {
  planner::PhysicalPlan plan;
  planner::CellsNode cells;
  OpenedCells opened;

  Example() {
    for (const char* name : {"region", "count", "sum", "average", "ratio"}) {
      planner::ColumnInfo info;
      info.name = name;
      plan.columns.push_back(info);
    }
    cells.groups = {{kRegion, {std::string("a"), std::string("b"), std::string("c")}, true}};
    cells.measures.resize(3);
    plan.calls = {{kCount, AggregateFunction::kCountStar, 0, kPersons, 0, kBigIntType},
                  {kSum, AggregateFunction::kSum, kAmounts, kNotNull, 2, kNumericType},
                  {kAverage, AggregateFunction::kAverage, kAmounts, kNotNull, 2, kNumericType}};
    plan.output = {{kRegion, "region", kTextType},
                   {kCount, "count", kBigIntType},
                   {kSum, "sum", kNumericType},
                   {kAverage, "average", kNumericType}};
    planner::AggregateNode aggregate;
    aggregate.group_by = {kRegion};
    plan.finish = planner::MakeNode(planner::ReleaseNode{planner::MakeNode(aggregate)});
    opened.survives = {true, false, true, true};
    opened.by_measure = {{30, 0, 12, 20}, {10'000, 0, 700, 0}, {30, 0, 11, 0}};
  }

  void Above(auto node) {
    node.child = plan.finish;
    plan.finish = planner::MakeNode(node);
  }
  void SortBy(ExpressionPtr expression, bool descending, bool nulls_first) {
    Above(planner::SortNode{nullptr, {{std::move(expression), descending, nulls_first}}});
  }
};

ExpressionPtr Count() { return MakeColumn(kCount, kBigIntType); }
ExpressionPtr Sum() { return MakeColumn(kSum, kNumericType); }
ExpressionPtr Region() { return MakeColumn(kRegion, kTextType); }
ExpressionPtr Number(std::int64_t value) { return MakeLiteral(value, kBigIntType); }

// Rows as text: NULL as -, hidden as *.
std::vector<std::string> Rows(const absl::StatusOr<ReleasedTable>& table) {
  EXPECT_TRUE(table.ok()) << table.status();
  std::vector<std::string> rows;
  if (!table.ok()) return rows;
  EXPECT_EQ(table->suppressed.size(), table->rows.size());
  for (std::size_t row = 0; row < table->rows.size(); ++row) {
    std::string text;
    for (std::size_t column = 0; column < table->rows[row].size(); ++column) {
      const Value& value = table->rows[row][column];
      const bool hidden = table->suppressed[row][column];
      EXPECT_TRUE(!hidden || IsNull(value)) << "a hidden cell has a value";
      text += (text.empty() ? "" : " ") + (hidden ? "*" : IsNull(value) ? "-" : FormatValue(value));
    }
    rows.push_back(std::move(text));
  }
  return rows;
}
std::vector<std::string> Finished(const Example& example, std::uint32_t threshold = 10) {
  return Rows(Finish(example.plan, example.cells, example.opened, threshold));
}
using Texts = std::vector<std::string>;

TEST(Finish, CellsInDomainOrderWithPostgresqlsDigits) {
  EXPECT_EQ(Finished(Example()), (Texts{"a 30 100.00 3.3333333333333333", "b * * *",
                                        "c 12 7.00 0.63636363636363636364", "- 20 - -"}));
}

TEST(Finish, SaysWhyOnlyWhereSomethingIsHidden) {
  Example example;
  auto table = Finish(example.plan, example.cells, example.opened, 10);
  ASSERT_TRUE(table.ok());
  ASSERT_EQ(table->notes.size(), 1u);
  EXPECT_NE(table->notes[0].find("fewer than 10 persons"), std::string::npos);
  example.opened.survives[1] = true;
  table = Finish(example.plan, example.cells, example.opened, 10);
  ASSERT_TRUE(table.ok());
  EXPECT_TRUE(table->notes.empty());
}

TEST(Finish, AThresholdOfOneDropsEmptyGroupsAndKeepsTheGrandTotal) {
  EXPECT_EQ(Finished(Example(), 1),
            (Texts{"a 30 100.00 3.3333333333333333", "c 12 7.00 0.63636363636363636364", "- 20 - -"}));
  Example total;
  total.cells.groups.clear();
  total.plan.output.erase(total.plan.output.begin());
  total.plan.finish = planner::MakeNode(planner::ReleaseNode{planner::MakeNode(planner::AggregateNode{})});
  total.opened = {{false}, {{0}, {0}, {0}}};
  EXPECT_EQ(Finished(total, 1), (Texts{"0 - -"}));
  EXPECT_EQ(Finished(total, 10), (Texts{"* * *"}));
}

TEST(Finish, SuppressedSortsLastInEveryDirection) {
  for (const bool nulls_first : {false, true}) {
    for (const bool descending : {false, true}) {
      Example example;
      example.SortBy(Sum(), descending, nulls_first);
      const Texts rows = Finished(example);
      ASSERT_EQ(rows.size(), 4u);
      EXPECT_EQ(rows[3], "b * * *");
      EXPECT_EQ(rows[nulls_first ? 0 : 2], "- 20 - -");
      EXPECT_EQ(rows[(nulls_first ? 1 : 0) + (descending ? 0 : 1)], "a 30 100.00 3.3333333333333333");
    }
  }
}

TEST(Finish, SortsByTheGroupEvenWhereItsValuesAreHidden) {
  Example example;
  example.SortBy(Region(), /*descending=*/true, /*nulls_first=*/true);
  const Texts rows = Finished(example);
  ASSERT_EQ(rows.size(), 4u);
  EXPECT_EQ(rows[0][0], '-');
  EXPECT_EQ(rows[1][0], 'c');
  EXPECT_EQ(rows[2], "b * * *");
  EXPECT_EQ(rows[3][0], 'a');
}

TEST(Finish, EqualKeysKeepTheirOrderAndTheNextKeyDecides) {
  Example example;
  example.opened.by_measure[kPersons] = {20, 0, 20, 20};
  example.Above(planner::SortNode{nullptr, {{Count(), true, false}, {Region(), true, false}}});
  const Texts rows = Finished(example);
  EXPECT_EQ(rows[0][0], 'c');
  EXPECT_EQ(rows[1][0], 'a');
  EXPECT_EQ(rows[2][0], '-');
  EXPECT_EQ(rows[3][0], 'b');
}

TEST(Finish, HavingKeepsWhatIsHiddenAndDropsWhatIsNotTrue) {
  Example example;
  example.Above(planner::FilterNode{
      nullptr,
      MakeCall(Function::kGreater, {Sum(), MakeLiteral(Decimal{1'000, 2}, kNumericType)}, kBooleanType)});
  // c is false, NULL's sum is unknown; whether b would pass is nobody's business.
  EXPECT_EQ(Finished(example), (Texts{"a 30 100.00 3.3333333333333333", "b * * *"}));
}

TEST(Finish, HavingOverTheGroupAloneFiltersHiddenRowsToo) {
  Example example;
  example.Above(planner::FilterNode{
      nullptr,
      MakeCall(Function::kEqual, {Region(), MakeLiteral(std::string("a"), kTextType)}, kBooleanType)});
  EXPECT_EQ(Finished(example).size(), 1u);
}

TEST(Finish, LimitAndOffsetCutAfterTheSort) {
  Example example;
  example.SortBy(Count(), true, false);
  Example limited = example;
  limited.Above(planner::LimitNode{nullptr, 2, 1});
  const Texts rows = Finished(limited);
  ASSERT_EQ(rows.size(), 2u);
  EXPECT_EQ(rows[0], "- 20 - -");
  EXPECT_EQ(rows[1][0], 'c');
  for (const auto& [limit, offset, expected] :
       {std::tuple<std::optional<std::uint64_t>, std::uint64_t, std::size_t>{0, 0, 0},
        {std::nullopt, 3, 1},
        {std::nullopt, 9, 0},
        {~std::uint64_t{0}, 1, 3},
        {1, 4, 0}}) {
    limited = example;
    limited.Above(planner::LimitNode{nullptr, limit, offset});
    EXPECT_EQ(Finished(limited).size(), expected);
  }
}

TEST(Finish, AnExpressionOverAHiddenCellIsHidden) {
  Example example;
  const ExpressionPtr ratio =
      MakeCall(Function::kDivide, {Sum(), MakeCall(Function::kNullIf, {Count(), Number(20)}, kBigIntType)},
               kNumericType);
  // COALESCE must not turn "hidden" into a number.
  const ExpressionPtr covered = MakeCall(Function::kCoalesce, {Sum(), Number(-1)}, kNumericType);
  example.Above(planner::ProjectNode{nullptr, {{kRegion, Region()}, {kRatio, ratio}, {kSum, covered}}});
  example.plan.output = {
      {kRegion, "region", kTextType}, {kRatio, "ratio", kNumericType}, {kSum, "sum", kNumericType}};
  EXPECT_EQ(Finished(example),
            (Texts{"a 3.3333333333333333 100.00", "b * *", "c 0.58333333333333333333 7.00", "- - -1"}));
}

TEST(Finish, DistinctJoinsEqualRowsButNeverHiddenOnes) {
  Example example;
  example.opened.survives = {true, false, true, false};
  example.opened.by_measure = {{20, 0, 20, 0}, {500, 0, 500, 0}, {20, 0, 20, 0}};
  example.Above(planner::ProjectNode{nullptr, {{kCount, Count()}}});
  example.Above(planner::DistinctNode{});
  example.plan.output = {{kCount, "count", kBigIntType}};
  EXPECT_EQ(Finished(example), (Texts{"20", "*", "*"}));
}

TEST(Finish, SumsOfIntegersAreIntegersAndSignsSurvive) {
  Example example;
  example.plan.calls[1].type = kBigIntType;
  example.plan.calls[1].scale = 0;
  example.plan.calls[2].scale = 0;
  example.opened.by_measure[kAmounts] = {-100, 0, -11, 0};
  EXPECT_EQ(Finished(example), (Texts{"a 30 -100 -3.3333333333333333", "b * * *",
                                      "c 12 -11 -1.00000000000000000000", "- 20 - -"}));
}

TEST(Finish, DivisionByZeroIsAnErrorAsInPostgresql) {
  Example example;
  example.Above(planner::ProjectNode{
      nullptr,
      {{kRatio,
        MakeCall(Function::kDivide, {Count(), MakeCall(Function::kSubtract, {Count(), Count()}, kBigIntType)},
                 kBigIntType)}}});
  example.plan.output = {{kRatio, "ratio", kBigIntType}};
  EXPECT_FALSE(Finish(example.plan, example.cells, example.opened, 10).ok());
}

TEST(Finish, TwoGroupColumnsTheFirstMostSignificant) {
  Example example;
  example.cells.groups = {{kRegion, {std::string("a"), std::string("b")}, false},
                          {kRatio, {false, true}, false}};
  planner::AggregateNode aggregate;
  aggregate.group_by = {kRegion, kRatio};
  example.plan.finish = planner::MakeNode(planner::ReleaseNode{planner::MakeNode(aggregate)});
  example.plan.output = {
      {kRegion, "region", kTextType}, {kRatio, "flag", kBooleanType}, {kCount, "count", kBigIntType}};
  EXPECT_EQ(Finished(example), (Texts{"a f 30", "a t *", "b f 12", "b t 20"}));
}

}  // namespace
}  // namespace care::engine
