// Window functions over shared tables on both protocols against the local evaluator: every function, over partitions and over all
// rows, with and without an order, together and one by one; NULLs as keys and values, ties, descending keys, partitions of one
// row, tables without rows, results of other shapes than their arguments.
#include "engine/exec/tables/window_table.h"

#include "engine/exec/local/local_window.h"
#include "tests/unit/tables/random_tables.h"

namespace care::engine {
namespace {

using planner::WindowFunction;

constexpr ColumnId kNumber = 0, kCode = 1, kBits = 2, kRing = 3, kFlag = 4, kSure = 5, kText = 6, kRow = 7, kFirstCall = 10;

std::vector<TestColumn> Columns() {
  return {{kNumber, IntegerColumn(-3, 2, true)},
          {kCode, CodeColumn({"x", "b", "m"}, false), Forms::kBits},
          {kBits, IntegerColumn(-20, 11, true), Forms::kBits},
          {kRing, IntegerColumn(-100, 1000, true), Forms::kRing},
          {kFlag, BooleanColumn(true)},
          {kSure, IntegerColumn(5, 9, false), Forms::kBits},
          {kText, BytesColumn(2, true)},
          {kRow, IntegerColumn(0, 100000, false), Forms::kBoth}};
}

struct Call {
  WindowFunction function;
  int argument = -1;
  std::uint64_t distance = 1;
  int fallback = -1;
};

const std::vector<Call> kCalls = {{WindowFunction::kRowNumber},
                                  {WindowFunction::kRank},
                                  {WindowFunction::kDenseRank},
                                  {WindowFunction::kCountStar},
                                  {WindowFunction::kCount, kBits},
                                  {WindowFunction::kCount, kSure},
                                  {WindowFunction::kSum, kBits},
                                  {WindowFunction::kSum, kRing},
                                  {WindowFunction::kSum, kSure},
                                  {WindowFunction::kMin, kBits},
                                  {WindowFunction::kMax, kBits},
                                  {WindowFunction::kMin, kRing},
                                  {WindowFunction::kMin, kText},
                                  {WindowFunction::kMax, kText},
                                  {WindowFunction::kMax, kCode},
                                  {WindowFunction::kFirstValue, kBits},
                                  {WindowFunction::kFirstValue, kNumber},
                                  {WindowFunction::kLastValue, kText},
                                  {WindowFunction::kLastValue, kSure},
                                  {WindowFunction::kLag, kBits},
                                  {WindowFunction::kLead, kCode},
                                  {WindowFunction::kLag, kFlag},
                                  {WindowFunction::kLag, kSure, 2, kNumber},
                                  {WindowFunction::kLead, kBits, 3, kSure},
                                  {WindowFunction::kLead, kSure, 5},
                                  {WindowFunction::kLag, kText, 0},
                                  {WindowFunction::kLag, kRing, 1000, kSure}};

bool Numbers(WindowFunction function) {
  return function == WindowFunction::kRowNumber || function == WindowFunction::kRank || function == WindowFunction::kDenseRank ||
         function == WindowFunction::kCountStar || function == WindowFunction::kCount || function == WindowFunction::kSum;
}

TestColumn ResultOf(const std::vector<TestColumn>& columns, const Call& call, ColumnId id) {
  TestColumn result{id, IntegerColumn(0, 500, false)};
  if (call.function == WindowFunction::kSum) {
    result.info = IntegerColumn(-20000, 100000, true);
  } else if (call.function == WindowFunction::kRowNumber || call.function == WindowFunction::kDenseRank) {
    result.info = IntegerColumn(1, 90, false);
  } else if (!Numbers(call.function)) {
    result.info = columns[static_cast<std::size_t>(call.argument)].info;
    result.info.nullable = true;
    if (call.fallback >= 0) {
      const planner::ColumnInfo& other = columns[static_cast<std::size_t>(call.fallback)].info;
      result.info.min = std::min(*result.info.min, *other.min);
      result.info.max = std::max(*result.info.max, *other.max);
    }
    // Wider than the argument: the bits are brought to the shape that the plan says.
    if (result.info.min) *result.info.min -= 30;
  }
  return result;
}

void ExpectWindow(const std::vector<ColumnId>& partition, const std::vector<planner::TableKey>& order, const TestTable& table,
                  const std::vector<Call>& calls, std::vector<ColumnId> opened = {kRow}) {
  planner::WindowTableNode node{.input = 0, .partition_by = partition, .order_by = order};
  planner::WindowNode window{nullptr, partition, {}, {}};
  for (const planner::TableKey& key : order)
    window.order_by.push_back({ColumnOf(table.columns[key.column]), key.descending, key.nulls_first});
  std::vector<TestColumn> results;
  for (std::size_t i = 0; i < calls.size(); ++i) {
    results.push_back(ResultOf(table.columns, calls[i], static_cast<ColumnId>(kFirstCall + i)));
    planner::WindowCall call{.function = calls[i].function, .distance = calls[i].distance, .type = results[i].info.type};
    if (calls[i].argument >= 0) call.argument = ColumnOf(table.columns[static_cast<std::size_t>(calls[i].argument)]);
    if (calls[i].fallback >= 0) call.fallback = ColumnOf(table.columns[static_cast<std::size_t>(calls[i].fallback)]);
    node.calls.push_back({results[i].id, call});
    opened.push_back(results[i].id);
  }
  window.calls = node.calls;
  planner::PhysicalPlan plan;
  AddColumns(plan, table.columns);
  AddColumns(plan, results);
  plan.nodes = {planner::ShareTableNode{}, node};
  const absl::StatusOr<ColumnBatch> oracle = EvaluateWindow(window, table.rows);
  ASSERT_TRUE(oracle.ok()) << oracle.status();
  const absl::StatusOr<TestAnswer> answer =
      AnswerOnBoth({plan, {&table}, opened, planner::WindowOpenings(table.slots())},
                   [&](TableContext& context) { return WindowTable(context, node, 1); });
  ASSERT_TRUE(answer.ok()) << answer.status();
  EXPECT_EQ(Sorted(answer->rows), Sorted(RowTexts(*oracle, opened)));
  EXPECT_EQ(answer->valid.size(), table.slots());
}

TestTable Table(std::mt19937_64& random, std::size_t slots) {
  TestTable table = RandomTable(random, Columns(), slots);
  // Rows tell themselves apart.
  for (std::size_t i = 0, row = 0; i < slots; ++i) {
    table.at_slots[kRow].integers[i] = static_cast<std::int64_t>(i);
    if (table.valid[i]) table.rows.columns[kRow].integers[row++] = static_cast<std::int64_t>(i);
  }
  return table;
}

TEST(WindowTable, EveryFunctionOverPartitionsInOrder) {
  std::mt19937_64 random(1);
  for (const std::size_t slots : {0, 1, 2, 13, 90}) {
    SCOPED_TRACE(testing::Message() << slots << " slots");
    const TestTable table = Table(random, slots);
    ExpectWindow({kNumber}, {{kSure}}, table, kCalls);
    ExpectWindow({kNumber, kCode}, {{kBits, true, true}, {kText}}, table, kCalls);
    ExpectWindow({kRow}, {{kBits}}, table, kCalls);
  }
}

TEST(WindowTable, NoOrderMakesAPartitionOfPeers) {
  std::mt19937_64 random(2);
  for (const std::size_t slots : {1, 40}) {
    const TestTable table = Table(random, slots);
    ExpectWindow({kCode}, {}, table, kCalls);
    ExpectWindow({kRing}, {}, table, kCalls);
  }
}

TEST(WindowTable, AllRowsAreOnePartition) {
  std::mt19937_64 random(3);
  for (const std::size_t slots : {0, 1, 64}) {
    const TestTable table = Table(random, slots);
    ExpectWindow({}, {{kNumber, false, true}}, table, kCalls);
    ExpectWindow({}, {{kText, true, false}, {kRing, true, true}}, table, kCalls);
    ExpectWindow({}, {}, table, kCalls);
  }
}

TEST(WindowTable, EachCallAlone) {
  std::mt19937_64 random(4);
  const TestTable table = Table(random, 33);
  for (std::size_t i = 0; i < kCalls.size(); ++i) {
    SCOPED_TRACE(testing::Message() << "call " << i);
    ExpectWindow({kNumber}, {{kBits}}, table, {kCalls[i]});
  }
}

TEST(WindowTable, KeysComeBackAsTheyWere) {
  std::mt19937_64 random(5);
  const TestTable table = Table(random, 50);
  const std::vector<ColumnId> opened = {kRow, kNumber, kCode, kBits, kText, kFlag};
  ExpectWindow({kNumber, kFlag}, {{kBits, true, true}, {kText, true, false}, {kCode}}, table, {{WindowFunction::kRowNumber}}, opened);
  ExpectWindow({kCode}, {{kCode}, {kNumber, false, true}}, table, {{WindowFunction::kRank}}, opened);
}

TEST(WindowTable, NoRowsAtAll) {
  std::mt19937_64 random(6);
  TestTable table = RandomTable(random, Columns(), 20, /*share_of_valid=*/0);
  ExpectWindow({kNumber}, {{kSure}}, table, kCalls);
}

}  // namespace
}  // namespace care::engine
