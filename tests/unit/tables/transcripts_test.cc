// Whoever counts and times the messages of an operator over shared tables learns nothing of the rows.
//
// Operators that do not sort: every party's links carry messages of the same sizes in the same order, over tables of one shape
// that have nothing else in common, whatever the keys of the run. Operators that sort open how shuffled rows compare, so that
// their messages hang on the shuffle: with one shuffle, tables whose values are in the same order everywhere have equal
// transcripts and openings; over many shuffles, tables in quite another order have as many messages, bytes and opened bits, by
// the test of Kolmogorov and Smirnov for two samples. What is opened is always what the plan says, or the run ends.
#include <cmath>
#include <numeric>

#include "engine/exec/tables/compact_table.h"
#include "engine/exec/tables/gate_table.h"
#include "engine/exec/tables/group_table.h"
#include "engine/exec/tables/join_table.h"
#include "engine/exec/tables/top_table.h"
#include "engine/exec/tables/window_table.h"
#include "planner/physical/group_sorts.h"
#include "tests/unit/tables/random_tables.h"

namespace care::engine {
namespace {

using planner::AggregateFunction;
using planner::JoinKind;
using planner::JoinMethod;
using planner::TableGroupMethod;
using planner::WindowFunction;

constexpr ColumnId kKey = 0, kValue = 1, kFlag = 2, kCount = 3, kRightKey = 4, kRightValue = 5, kResult = 10;
constexpr std::size_t kSlots = 600, kRightSlots = 500;
constexpr std::int64_t kNarrow = 12, kWide = 20000;  // what is drawn, and what is declared

struct Tables {
  TestTable left, right;
};

// --- Tables of one shape.

// Keys up to `most_key`, on the right each once.
Tables Drawn(std::uint64_t seed, std::int64_t most_key, unsigned share_of_valid = 3) {
  std::mt19937_64 random(seed);
  Tables tables;
  tables.left = RandomTable(random,
                            {{kKey, IntegerColumn(0, most_key, most_key > 0)},
                             {kValue, IntegerColumn(0, kNarrow, true), Forms::kBoth},
                             {kFlag, BooleanColumn(true)},
                             {kCount, IntegerColumn(0, kNarrow, false)}},
                            kSlots, share_of_valid);
  tables.right = RandomTable(random,
                             {{kRightKey, IntegerColumn(0, kNarrow, false)},
                              {kRightValue, IntegerColumn(0, kNarrow, true), Forms::kBoth}},
                             kRightSlots, share_of_valid);
  std::vector<std::int64_t>& keys = tables.right.at_slots[0].integers;
  std::iota(keys.begin(), keys.end(), 0);
  std::ranges::shuffle(keys, random);
  for (TestTable* table : {&tables.left, &tables.right}) {
    for (TestColumn& column : table->columns) {
      if (column.info.type.kind == TypeKind::kBoolean) continue;
      column.info.min = 0;
      column.info.max = kWide;
      column.info.nullable = column.id == kKey || column.id == kValue || column.id == kRightValue;
    }
  }
  return tables;
}

// Other numbers in the same order. What is NULL has bits of zero, which stay the least.
Tables Stretched(Tables tables) {
  for (TestTable* table : {&tables.left, &tables.right}) {
    for (std::size_t c = 0; c < table->columns.size(); ++c) {
      if (table->columns[c].info.type.kind == TypeKind::kBoolean) continue;
      for (std::int64_t& value : table->at_slots[c].integers) value *= 20;
    }
  }
  return tables;
}

// --- Operators.

struct Operator {
  std::string name;
  bool sorts = false;
  planner::PhysicalNode node;
  std::vector<TestColumn> results;
  std::function<absl::StatusOr<SharedTable>(TableContext&)> run;
  std::vector<Disclosure> openings;
};

planner::ExpressionPtr Argument(ColumnId column) {
  return planner::MakeColumn(column,
                             column == kFlag ? BooleanColumn(true).type : IntegerColumn(0, 1, true).type);
}

struct Call {
  AggregateFunction function;
  std::optional<ColumnId> argument = std::nullopt;
  bool distinct = false;
};

Operator Group(std::string name, TableGroupMethod method, const std::vector<ColumnId>& keys,
               const std::vector<Call>& calls) {
  Operator group{.name = std::move(name), .sorts = method == TableGroupMethod::kSorted};
  planner::GroupTableNode node{.input = 0, .method = method, .group_by = keys, .group_bound = 1};
  for (const Call& call : calls) {
    TestColumn result{static_cast<ColumnId>(kResult + node.calls.size()),
                      IntegerColumn(0, 100 * kWide, true)};
    const bool picks =
        call.function == AggregateFunction::kMin || call.function == AggregateFunction::kPercentileDiscrete;
    if (picks) result.info.max = kWide;
    planner::AggregateCall made{.function = call.function, .distinct = call.distinct};
    if (call.argument) made.argument = Argument(*call.argument);
    if (call.function == AggregateFunction::kPercentileDiscrete) made.fraction = Decimal{5, 1};
    made.type = result.info.type;
    node.calls.push_back({result.id, made});
    group.results.push_back(result);
    group.sorts = group.sorts || call.distinct || call.function == AggregateFunction::kPercentileDiscrete;
  }
  if (method == TableGroupMethod::kSorted) node.group_bound = kSlots;
  if (method == TableGroupMethod::kDense) {
    node.domains = {{Value(false), Value(true), Value(Null())}};
    node.group_bound = planner::CellsOf(node);
  }
  group.openings = planner::GroupOpenings(node, kSlots);
  group.run = [node](TableContext& context) { return GroupTable(context, node, 2); };
  group.node = std::move(node);
  return group;
}

Operator Join(std::string name, JoinKind kind, JoinMethod method) {
  Operator join{.name = std::move(name), .sorts = method == JoinMethod::kSort};
  planner::JoinTablesNode node{.kind = kind, .left = 0, .right = 1, .method = method};
  if (method == JoinMethod::kSort) node.keys = {{kKey, kRightKey}};
  join.openings = planner::JoinOpenings(node, kSlots, kRightSlots);
  join.run = [node](TableContext& context) { return JoinTables(context, node, 2); };
  join.node = std::move(node);
  return join;
}

Operator Window() {
  Operator window{.name = "window", .sorts = true};
  planner::WindowTableNode node{.input = 0, .partition_by = {kKey}, .order_by = {{kValue, true, true}}};
  for (const WindowFunction function :
       {WindowFunction::kRowNumber, WindowFunction::kRank, WindowFunction::kSum, WindowFunction::kLag,
        WindowFunction::kFirstValue}) {
    TestColumn result{static_cast<ColumnId>(kResult + node.calls.size()),
                      IntegerColumn(0, 100 * kWide, true)};
    planner::WindowCall call{.function = function, .distance = 1, .type = result.info.type};
    const bool numbers = function == WindowFunction::kRowNumber || function == WindowFunction::kRank;
    if (numbers) result.info = IntegerColumn(0, 100, false);
    if (!numbers) call.argument = Argument(kValue);
    node.calls.push_back({result.id, call});
    window.results.push_back(result);
  }
  window.openings = planner::WindowOpenings(kSlots);
  window.run = [node](TableContext& context) { return WindowTable(context, node, 2); };
  window.node = std::move(node);
  return window;
}

Operator Top() {
  planner::TopTableNode node{.input = 0, .keys = {{kValue, true}, {kKey, false, true}}, .rows = 7};
  return {"top",
          true,
          node,
          {},
          [node](TableContext& context) { return TopTable(context, node, 2); },
          planner::TopOpenings(kSlots)};
}

// Which places the rows take is opened of shuffled rows; how many there are is not.
Operator Compact() {
  planner::CompactTableNode node{.input = 0, .bound = kSlots};
  return {"compact",
          true,
          node,
          {},
          [node](TableContext& context) { return CompactTable(context, node, 2); },
          planner::CompactOpenings(kSlots)};
}

Operator Gate(std::string name, std::vector<std::uint32_t> dimensions) {
  planner::GateTableNode node{.input = 0, .person_counts = {kCount}, .dimensions = std::move(dimensions)};
  const auto run = [node](TableContext& context) {
    return GateTable(context, node, std::move(context.tables.at(0)), /*threshold=*/5);
  };
  return {std::move(name), false, node, {}, run, {}};
}

std::vector<Operator> Operators() {
  const std::vector<Call> folds = {
      {AggregateFunction::kCountStar}, {AggregateFunction::kSum, kValue}, {AggregateFunction::kMin, kValue}};
  const std::vector<Call> sums = {
      {AggregateFunction::kCountStar}, {AggregateFunction::kCount, kKey}, {AggregateFunction::kSum, kValue}};
  return {Group("group by sorting", TableGroupMethod::kSorted, {kKey}, folds),
          Group("group with distinct values", TableGroupMethod::kSorted, {kKey},
                {{AggregateFunction::kCount, kValue, true}}),
          Group("group with medians", TableGroupMethod::kSorted, {kKey},
                {{AggregateFunction::kPercentileDiscrete, kValue}}),
          Group("distinct", TableGroupMethod::kSorted, {kKey, kValue}, {}),
          Group("group of public domains", TableGroupMethod::kDense, {kFlag}, sums),
          Group("one group", TableGroupMethod::kOneGroup, {}, sums),
          Join("inner join by sorting", JoinKind::kInner, JoinMethod::kSort),
          Join("left join by sorting", JoinKind::kLeft, JoinMethod::kSort),
          Join("full join by sorting", JoinKind::kFull, JoinMethod::kSort),
          Join("semi-join by sorting", JoinKind::kSemi, JoinMethod::kSort),
          Join("anti-join by sorting", JoinKind::kAnti, JoinMethod::kSort),
          Join("product", JoinKind::kInner, JoinMethod::kProduct),
          Window(),
          Top(),
          Compact(),
          Gate("gate of one margin", {}),
          Gate("gate of cells", {20, 30})};
}

// --- What is seen of them.

mpc::ThreePartiesRun<std::size_t> SeenOf(const Operator& what, const Tables& tables, std::uint64_t seed) {
  planner::PhysicalPlan plan;
  AddColumns(plan, tables.left.columns);
  AddColumns(plan, tables.right.columns);
  AddColumns(plan, what.results);
  planner::OpenTableNode open{.columns = {}};
  for (ColumnId column = 0; column < plan.columns.size(); ++column) open.columns.push_back(column);
  plan.nodes = {planner::ShareTableNode{}, planner::ShareTableNode{}, what.node, open};
  mpc::ThreePartiesOptions options{.seed = seed, .disclosures = what.openings};
  for (std::size_t i = 0; i < options.disclosures.size(); ++i)
    options.disclosures[i].id = static_cast<std::uint32_t>(i);
  const std::vector<Disclosure> openings = options.disclosures;
  return mpc::RunThreeParties(
      [&](mpc::Protocol& protocol) -> absl::StatusOr<std::size_t> {
        std::map<planner::NodeId, SharedTable> shared;
        CARE_ASSIGN_OR_RETURN(shared[0], ShareTable(protocol, tables.left, 0));
        CARE_ASSIGN_OR_RETURN(shared[1], ShareTable(protocol, tables.right, 1));
        TableContext context{protocol, plan, shared, openings, {}};
        CARE_ASSIGN_OR_RETURN(const SharedTable result, what.run(context));
        return result.slots;
      },
      options);
}

void ExpectSameTranscripts(const mpc::ThreePartiesRun<std::size_t>& one,
                           const mpc::ThreePartiesRun<std::size_t>& other) {
  ASSERT_TRUE(one.ok()) << one.status();
  ASSERT_TRUE(other.ok()) << other.status();
  for (unsigned role = 0; role < 3; ++role) {
    EXPECT_EQ(one.views[role].next_records, other.views[role].next_records) << "P" << role;
    EXPECT_EQ(one.views[role].previous_records, other.views[role].previous_records) << "P" << role;
    EXPECT_EQ(one.opened[role], other.opened[role]) << "P" << role;
  }
  EXPECT_EQ(*one.results[0], *other.results[0]);
}

TEST(TableTranscripts, AreTheSameForUnlikeRowsWhereNothingIsSorted) {
  for (const Operator& what : Operators()) {
    if (what.sorts) continue;
    SCOPED_TRACE(what.name);
    const auto first = SeenOf(what, Drawn(1, kNarrow), 1);
    ExpectSameTranscripts(first, SeenOf(what, Drawn(2, 0), 2));
    ExpectSameTranscripts(first, SeenOf(what, Drawn(3, kNarrow, /*share_of_valid=*/0), 3));
    ExpectSameTranscripts(first, SeenOf(what, Drawn(4, kNarrow, /*share_of_valid=*/4), 4));
    ExpectSameTranscripts(first, SeenOf(what, Stretched(Drawn(5, kNarrow)), 5));
  }
}

TEST(TableTranscripts, AreTheSameForRowsInTheSameOrder) {
  for (const Operator& what : Operators()) {
    SCOPED_TRACE(what.name);
    for (const std::uint64_t seed : {1, 2, 3}) {
      const Tables tables = Drawn(seed, kNarrow);
      ExpectSameTranscripts(SeenOf(what, tables, seed), SeenOf(what, Stretched(tables), seed));
    }
  }
}

// The largest difference of the two samples' distribution functions.
double WorstGap(std::vector<double> a, std::vector<double> b) {
  std::ranges::sort(a);
  std::ranges::sort(b);
  double worst = 0;
  for (const std::vector<double>* sample : {&a, &b}) {
    for (const double x : *sample) {
      const auto below = [x](const std::vector<double>& sorted) {
        return static_cast<double>(std::ranges::upper_bound(sorted, x) - sorted.begin()) /
               static_cast<double>(sorted.size());
      };
      worst = std::max(worst, std::abs(below(a) - below(b)));
    }
  }
  return worst;
}

TEST(TableTranscripts, HaveOneDistributionForUnlikeRowsThatAreSorted) {
  constexpr int kRuns = 24;
  // Once in ten thousand comparisons of like samples.
  int vary = 0;  // operators whose messages hang on the shuffle at all
  const double most = std::sqrt(-0.5 * std::log(0.5e-4)) * std::sqrt(2.0 / kRuns);
  for (const Operator& what : Operators()) {
    if (!what.sorts) continue;
    SCOPED_TRACE(what.name);
    // All rows alike; then many groups, few rows, and half of them NULL or not there.
    std::array<std::array<std::vector<double>, 3>, 2>
        seen;  // by table: messages, bytes and openings of a run
    for (int run = 0; run < kRuns; ++run) {
      for (unsigned which = 0; which < 2; ++which) {
        const auto seed = static_cast<std::uint64_t>(2 * run) + which + 1;
        const auto parties = SeenOf(what, which == 0 ? Drawn(1, 0, 4) : Drawn(seed, kNarrow, 2), seed);
        ASSERT_TRUE(parties.ok()) << parties.status();
        double messages = 0, opened = 0;
        for (const mpc::PartyView& view : parties.views)
          messages += static_cast<double>(view.next_records.size() + view.previous_records.size());
        for (const mpc::OpenedCount& count : parties.opened[0]) opened += static_cast<double>(count.values);
        seen[which][0].push_back(messages);
        seen[which][1].push_back(static_cast<double>(parties.bytes_sent()));
        seen[which][2].push_back(opened);
      }
    }
    const auto [least, most_bytes] = std::ranges::minmax(seen[1][1]);
    vary += least < most_bytes ? 1 : 0;
    for (unsigned figure = 0; figure < 3; ++figure)
      EXPECT_LT(WorstGap(seen[0][figure], seen[1][figure]), most) << "figure " << figure;
  }
  EXPECT_GT(vary, 0);
}

}  // namespace
}  // namespace care::engine
