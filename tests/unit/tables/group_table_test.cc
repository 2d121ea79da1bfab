// GROUP BY over shared tables on both protocols against the local aggregate: every function, with and without FILTER and
// DISTINCT, together and one by one, by sorting, over public domains of few and of many cells, and without keys; NULL keys and
// values, ties, and tables without rows.
#include "engine/exec/tables/group_table.h"

#include "engine/exec/local/local_aggregate.h"
#include "planner/physical/group_sorts.h"
#include "planner/physical/operator_openings.h"
#include "tests/unit/tables/owned_tables.h"

namespace care::engine {
namespace {

using planner::AggregateFunction;
using planner::TableGroupMethod;

constexpr ColumnId kNumber = 0, kCode = 1, kBits = 2, kRing = 3, kFlag = 4, kSure = 5, kText = 6,
                   kFirstCall = 10;

std::vector<TestColumn> Columns() {
  return {{kNumber, IntegerColumn(-3, 2, true)},
          {kCode, CodeColumn({"x", "b", "m"}, false)},
          {kBits, IntegerColumn(-20, 11, true), Forms::kBits},
          {kRing, IntegerColumn(-100, 1000, true), Forms::kRing},
          {kFlag, BooleanColumn(true)},
          {kSure, IntegerColumn(5, 9, false), Forms::kBits},
          {kText, BytesColumn(2, true)}};
}

struct Call {
  AggregateFunction function;
  int argument = -1;
  bool distinct = false;
  bool filter = false;
  std::optional<Decimal> fraction = std::nullopt;
  bool descending = false;
};

const std::vector<Call> kPlain = {{AggregateFunction::kCountStar},
                                  {AggregateFunction::kCountStar, -1, false, true},
                                  {AggregateFunction::kCount, kBits},
                                  {AggregateFunction::kCount, kSure},
                                  {AggregateFunction::kSum, kBits},
                                  {AggregateFunction::kSum, kRing},
                                  {AggregateFunction::kSum, kSure},
                                  {AggregateFunction::kSum, kRing, false, true},
                                  {AggregateFunction::kSum, kSure, false, true},
                                  {AggregateFunction::kMin, kBits},
                                  {AggregateFunction::kMax, kBits},
                                  {AggregateFunction::kMin, kRing},
                                  {AggregateFunction::kMax, kRing, false, true},
                                  {AggregateFunction::kMax, kText},
                                  {AggregateFunction::kMin, kText},
                                  {AggregateFunction::kMin, kSure},
                                  {AggregateFunction::kBoolAnd, kFlag},
                                  {AggregateFunction::kBoolOr, kFlag}};
const std::vector<Call> kOrdered = {{AggregateFunction::kCount, kBits, true},
                                    {AggregateFunction::kMin, kBits},
                                    {AggregateFunction::kMax, kBits},
                                    {AggregateFunction::kCount, kBits},
                                    {AggregateFunction::kSum, kBits},
                                    {AggregateFunction::kSum, kBits, true},
                                    {AggregateFunction::kSum, kSure, true, true},
                                    {AggregateFunction::kMin, kSure, false, true},
                                    {AggregateFunction::kCount, kText, true},
                                    {AggregateFunction::kCountStar}};
const std::vector<Call> kRanked = {
    {AggregateFunction::kPercentileDiscrete, kBits, false, false, Decimal{5, 1}},
    {AggregateFunction::kPercentileDiscrete, kBits, false, false, Decimal{75, 2}, true},
    {AggregateFunction::kPercentileDiscrete, kSure, false, false, Decimal{25, 2}},
    {AggregateFunction::kPercentileDiscrete, kBits, false, true, Decimal{0, 0}},
    {AggregateFunction::kPercentileDiscrete, kBits, false, true, Decimal{1, 0}},
    {AggregateFunction::kPercentileContinuous, kBits, false, false, Decimal{5, 1}},
    {AggregateFunction::kPercentileContinuous, kBits, false, true, Decimal{37, 2}, true},
    {AggregateFunction::kPercentileContinuous, kSure, false, false, Decimal{123, 3}},
    {AggregateFunction::kPercentileContinuous, kRing, false, false, Decimal{0, 0}},
    {AggregateFunction::kPercentileContinuous, kSure, false, true, Decimal{1, 0}}};

const std::vector<Call> kAdditive = {{AggregateFunction::kCountStar},
                                     {AggregateFunction::kCountStar, -1, false, true},
                                     {AggregateFunction::kCount, kBits},
                                     {AggregateFunction::kSum, kBits},
                                     {AggregateFunction::kSum, kRing},
                                     {AggregateFunction::kSum, kSure},
                                     {AggregateFunction::kSum, kRing, false, true},
                                     {AggregateFunction::kSum, kSure, false, true},
                                     {AggregateFunction::kSum, kBits, false, true}};

std::vector<TestColumn> CallColumns(const std::vector<TestColumn>& columns, const std::vector<Call>& calls) {
  std::vector<TestColumn> result;
  for (std::size_t i = 0; i < calls.size(); ++i) {
    TestColumn column{static_cast<ColumnId>(kFirstCall + i), IntegerColumn(-100000, 100000, true)};
    const bool adds_up = calls[i].function == AggregateFunction::kCountStar ||
                         calls[i].function == AggregateFunction::kCount ||
                         calls[i].function == AggregateFunction::kSum;
    if (calls[i].function == AggregateFunction::kPercentileContinuous) {
      column.info.type = {TypeKind::kNumeric, 0, static_cast<std::uint8_t>(calls[i].fraction->scale)};
    } else if (!adds_up) {
      column.info = columns[static_cast<std::size_t>(calls[i].argument)].info;
      column.info.nullable = true;
      // Wider than the argument: the bits are brought to the shape that the plan says.
      if (column.info.min) *column.info.min -= 30;
    }
    result.push_back(column);
  }
  return result;
}

struct GroupCase {
  TableGroupMethod method = TableGroupMethod::kSorted;
  std::vector<ColumnId> keys = {};
  std::vector<std::vector<Value>> domains = {};
};

// `owned`: its rows, where their owner groups them.
void ExpectGroups(const GroupCase& what, const TestTable& table, const std::vector<Call>& calls, const ColumnBatch* owned = nullptr,
                  bool stands_by_keys = false) {
  planner::GroupTableNode node{
      .input = 0, .method = what.method, .group_by = what.keys, .domains = what.domains};
  const std::vector<TestColumn> results = CallColumns(table.columns, calls);
  std::vector<ColumnId> opened = what.keys;
  for (std::size_t i = 0; i < calls.size(); ++i) {
    planner::AggregateCall call{.function = calls[i].function, .distinct = calls[i].distinct};
    if (calls[i].argument >= 0)
      call.argument = ColumnOf(table.columns[static_cast<std::size_t>(calls[i].argument)]);
    if (calls[i].filter) call.filter = ColumnOf(table.columns[kFlag]);
    if (calls[i].fraction) call.fraction = *calls[i].fraction;
    call.descending = calls[i].descending;
    call.type = results[i].info.type;
    node.calls.push_back({results[i].id, call});
    opened.push_back(results[i].id);
  }
  planner::PhysicalPlan plan;
  AddColumns(plan, table.columns);
  AddColumns(plan, results);
  const planner::AggregateNode aggregate{nullptr, what.keys, node.calls};
  const absl::StatusOr<ColumnBatch> oracle = EvaluateAggregate(aggregate, table.rows, plan.columns);
  ASSERT_TRUE(oracle.ok()) << oracle.status();
  node.group_bound = what.method == TableGroupMethod::kOneGroup ? 1
                     : what.method == TableGroupMethod::kDense  ? planner::CellsOf(node)
                     : what.method == TableGroupMethod::kByOwner ? table.slots() + 1
                                                                : oracle->rows + 2;
  planner::ShareTableNode share = ShareOf(table, 2);
  if (stands_by_keys) share.order_by = what.keys;
  plan.nodes = {share, node, planner::LocalNode{.party = 0, .row_bound = table.slots()}};
  const absl::StatusOr<TestAnswer> answer =
      AnswerOnBoth({plan, {&table}, opened, planner::GroupOpenings(node, table.slots())}, [&](TableContext& context) {
        if (owned != nullptr) {
          SharedTable& input = context.tables.at(0);
          input.order = 0;
          if (context.protocol.Holds(0)) input.batch = Borrowed(owned);
        }
        return GroupTable(context, node, 1);
      });
  ASSERT_TRUE(answer.ok()) << answer.status();
  EXPECT_EQ(Sorted(answer->rows), Sorted(RowTexts(*oracle, opened)));
  EXPECT_EQ(answer->valid.size(), node.group_bound);
  if (what.method != TableGroupMethod::kDense) return;
  // Every cell stands where its values say.
  for (std::size_t cell = 0; cell < answer->texts.size(); ++cell) {
    if (!answer->valid[cell]) continue;
    std::string key;
    std::size_t later = answer->texts.size(), rest = cell;
    for (const std::vector<Value>& domain : what.domains) {
      later /= domain.size();
      const Value& value = domain[rest / later];
      key += IsNull(value) ? "NULL " : "'" + FormatValue(value) + "' ";
      rest %= later;
    }
    EXPECT_EQ(answer->texts[cell].substr(0, key.size()), key);
  }
}

// Together.
void ExpectAll(const GroupCase& what, const TestTable& table) {
  for (const std::vector<Call>* calls : {&kPlain, &kOrdered, &kRanked}) {
    SCOPED_TRACE(testing::Message() << table.slots() << " slots, all together");
    ExpectGroups(what, table, *calls);
  }
}

std::vector<Value> NumbersDomain() {
  std::vector<Value> values;
  for (const std::int64_t value : {2, -3, 0, 1, -1, -2}) values.push_back(Value(value));
  values.push_back(Value(Null()));
  return values;
}
const std::vector<Value> kCodes = {Value(std::string("m")), Value(std::string("x")), Value(std::string("b"))};

TEST(GroupTable, BySorting) {
  std::mt19937_64 random(1);
  for (const std::size_t slots : {0, 1, 5, 64, 130}) {
    const TestTable table = RandomTable(random, Columns(), slots);
    ExpectAll({TableGroupMethod::kSorted, {kNumber}}, table);
    ExpectAll({TableGroupMethod::kSorted, {kCode, kNumber, kText}}, table);
  }
}

TEST(GroupTable, WithoutKeys) {
  std::mt19937_64 random(2);
  for (const std::size_t slots : {0, 1, 2, 47, 64})
    ExpectAll({TableGroupMethod::kOneGroup}, RandomTable(random, Columns(), slots));
  ExpectAll({TableGroupMethod::kOneGroup}, RandomTable(random, Columns(), 20, 0));
}

TEST(GroupTable, OverFewAndManyCells) {
  std::mt19937_64 random(3);
  for (const std::size_t slots : {0, 1, 33, 100}) {
    const TestTable table = RandomTable(random, Columns(), slots);
    ExpectAll({TableGroupMethod::kDense, {kNumber}, {NumbersDomain()}}, table);
    ExpectAll({TableGroupMethod::kDense, {kCode, kNumber}, {kCodes, NumbersDomain()}}, table);
    ExpectAll({TableGroupMethod::kDense,
               {kNumber, kCode, kFlag},
               {NumbersDomain(), kCodes, {Value(true), Value(false), Value(Null())}}},
              table);
    for (const auto& [keys, domains] : std::vector<std::pair<std::vector<ColumnId>, std::vector<std::vector<Value>>>>{
             {{kCode, kNumber}, {kCodes, NumbersDomain()}},
             {{kNumber, kCode, kFlag}, {NumbersDomain(), kCodes, {Value(true), Value(false), Value(Null())}}}})
      ExpectGroups({TableGroupMethod::kDense, keys, domains}, table, kAdditive);
  }
}

TEST(GroupTable, ByTheirOwner) {
  std::mt19937_64 random(6);
  for (const std::size_t slots : {1, 33, 200}) {
    for (const std::size_t rows : {slots, slots / 2}) {
      SCOPED_TRACE(testing::Message() << rows << " rows in " << slots << " slots");
      OwnedTable owned = MakeOwned(random, Columns(), slots, rows, true);
      const GroupCase one{TableGroupMethod::kByOwner, {kNumber}}, two{TableGroupMethod::kByOwner, {kCode, kNumber}};
      ExpectGroups(one, owned.table, kAdditive, &owned.batch);
      ExpectGroups(two, owned.table, kAdditive, &owned.batch);
      ExpectGroups(two, owned.table, {}, &owned.batch);
      SortOwned(owned, {kCode, kNumber});
      ExpectGroups(two, owned.table, kAdditive, &owned.batch, /*stands_by_keys=*/true);
    }
  }
}

TEST(GroupTable, EachCallAlone) {
  std::mt19937_64 random(4);
  const TestTable table = RandomTable(random, Columns(), 40);
  for (const std::vector<Call>* calls : {&kPlain, &kOrdered, &kRanked}) {
    for (std::size_t i = 0; i < calls->size(); ++i) {
      SCOPED_TRACE(testing::Message() << "call " << i << " of " << calls->size());
      ExpectGroups({TableGroupMethod::kSorted, {kNumber}}, table, {(*calls)[i]});
      ExpectGroups({TableGroupMethod::kOneGroup}, table, {(*calls)[i]});
      ExpectGroups({TableGroupMethod::kDense, {kCode}, {kCodes}}, table, {(*calls)[i]});
    }
  }
}

TEST(GroupTable, NoCallsAreDistinctRows) {
  std::mt19937_64 random(5);
  const TestTable table = RandomTable(random, Columns(), 60);
  ExpectGroups({TableGroupMethod::kSorted, {kNumber, kCode}}, table, {});
  ExpectGroups({TableGroupMethod::kDense, {kCode}, {kCodes}}, table, {});
}

// How many rows refer to another table's key is known to no owner alone: the bound is checked, or groups would be lost in silence.
TEST(GroupTable, MoreGroupsThanPromisedAreAnError) {
  std::mt19937_64 random(3);
  const TestTable table = RandomTable(random, {{0, IntegerColumn(0, 1000, false)}}, 60, 4);
  planner::GroupTableNode node{.input = 0, .method = TableGroupMethod::kSorted, .group_by = {0}, .group_bound = 2};
  planner::PhysicalPlan plan;
  AddColumns(plan, table.columns);
  plan.nodes = {planner::ShareTableNode{}, node};
  const std::vector<Disclosure> openings = planner::GroupOpenings(node, table.slots());
  ASSERT_TRUE(planner::NeedsGroupBound(node, table.slots()));
  EXPECT_EQ(openings.back().max_values, 1u);
  const absl::StatusOr<TestAnswer> answer =
      AnswerOnBoth({plan, {&table}, {0}, openings}, [&](TableContext& context) { return GroupTable(context, node, 1); });
  EXPECT_EQ(answer.status().code(), absl::StatusCode::kResourceExhausted) << answer.status();
}

}  // namespace
}  // namespace care::engine
