// The first rows of an order, and rows moved together, on both protocols: NULLs first and last, descending keys, ties in the
// order of their slots, more rows asked than there are.
#include "engine/exec/tables/compact_table.h"
#include "engine/exec/tables/top_table.h"
#include "tests/unit/tables/random_tables.h"

namespace care::engine {
namespace {

constexpr ColumnId kNumber = 0, kCode = 1, kRow = 2;

TestTable Rows(std::mt19937_64& random, std::size_t slots) {
  return RandomTable(random,
                     {{kNumber, IntegerColumn(-3, 2, true)},
                      {kCode, CodeColumn({"x", "b"}, true), Forms::kBits},
                      {kRow, IntegerColumn(0, 1000, true), Forms::kBoth}},
                     slots);
}

planner::PhysicalPlan PlanOf(const TestTable& table, planner::PhysicalNode node) {
  planner::PhysicalPlan plan;
  AddColumns(plan, table.columns);
  plan.nodes = {planner::ShareTableNode{}, std::move(node)};
  return plan;
}

// Valid slots in order of the keys.
std::vector<std::string> OrderedRows(const TestTable& table,
                                     const std::vector<planner::TableKey>& keys) {
  std::vector<std::size_t> order;
  for (std::size_t i = 0; i < table.rows.rows; ++i) order.push_back(i);
  std::ranges::stable_sort(order, [&](std::size_t a, std::size_t b) {
    for (const planner::TableKey& key : keys) {
      const Column& column = table.rows.columns[key.column];
      if (column.IsNull(a) != column.IsNull(b)) return column.IsNull(a) == key.nulls_first;
      if (column.IsNull(a)) continue;
      const bool text = column.type.kind == TypeKind::kText;
      const bool less = text ? column.texts[a] < column.texts[b] : column.integers[a] < column.integers[b];
      const bool more = text ? column.texts[b] < column.texts[a] : column.integers[b] < column.integers[a];
      if (less || more) return less != key.descending;
    }
    return false;
  });
  const std::vector<std::string> texts = RowTexts(table.rows, {kNumber, kCode, kRow});
  std::vector<std::string> rows;
  for (const std::size_t row : order) rows.push_back(texts[row]);
  return rows;
}

TEST(TopTable, IsTheBeginningOfTheOrder) {
  std::mt19937_64 random(1);
  for (const std::size_t slots : {0, 1, 20, 90}) {
    for (const std::uint64_t limit : {0, 1, 7, 500}) {
      for (unsigned variant = 0; variant < 4; ++variant) {
        SCOPED_TRACE(testing::Message() << slots << " slots, limit " << limit << ", variant " << variant);
        const TestTable table = Rows(random, slots);
        planner::TopTableNode node{.input = 0, .rows = limit};
        node.keys = {{kCode, variant % 2 == 1, variant >= 2}, {kNumber, variant >= 2, variant % 2 == 1}};
        const absl::StatusOr<TestAnswer> answer =
            AnswerOnBoth({PlanOf(table, node), {&table}, {kNumber, kCode, kRow}, planner::TopOpenings(slots)},
                         [&](TableContext& context) { return TopTable(context, node, 1); });
        ASSERT_TRUE(answer.ok()) << answer.status();
        std::vector<std::string> expected = OrderedRows(table, node.keys);
        expected.resize(std::min<std::size_t>(expected.size(), limit));
        EXPECT_EQ(answer->rows, expected);
        EXPECT_EQ(answer->valid.size(), std::min<std::size_t>(limit, slots));
      }
    }
  }
}

TEST(CompactTable, KeepsTheRowsInOrder) {
  std::mt19937_64 random(2);
  for (const std::size_t slots : {0, 1, 30, 129}) {
    const TestTable table = Rows(random, slots);
    for (const std::uint64_t bound : {table.rows.rows, table.rows.rows + 2, slots + 5}) {
      const planner::CompactTableNode node{0, bound};
      const absl::StatusOr<TestAnswer> answer = AnswerOnBoth(
          {PlanOf(table, node), {&table}, {kNumber, kCode, kRow}, planner::CompactOpenings(slots)},
          [&](TableContext& context) { return CompactTable(context, node, 1); });
      ASSERT_TRUE(answer.ok()) << answer.status();
      EXPECT_EQ(answer->rows, RowTexts(table.rows, {kNumber, kCode, kRow}));
      EXPECT_EQ(answer->valid.size(), std::min<std::size_t>(bound, slots));
    }
  }
}

}  // namespace
}  // namespace care::engine
