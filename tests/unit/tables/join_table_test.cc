// Joins of shared tables on both protocols against the local join: every kind by sorting and by trying all pairs, keys of several
// columns and of different shapes, NULL keys, repeated keys on both sides, empty tables, residuals; and the bound that is
// exceeded.
#include "engine/exec/tables/join_table.h"

#include "engine/exec/local/local_join.h"
#include "tests/unit/tables/random_tables.h"

namespace care::engine {
namespace {

using planner::JoinKind;
using planner::JoinMethod;

constexpr ColumnId kLeftKey = 0, kLeftCode = 1, kLeftValue = 2, kRightKey = 3, kRightCode = 4,
                   kRightValue = 5, kRightText = 6, kRightSum = 7;

std::vector<TestColumn> LeftColumns() {
  return {{kLeftKey, IntegerColumn(-2, 12, true)},
          {kLeftCode, CodeColumn({"a", "b"}, true)},
          {kLeftValue, IntegerColumn(-100, 100, true), Forms::kBoth}};
}
std::vector<TestColumn> RightColumns() {
  TestColumn unknown_range{kRightSum, IntegerColumn(-9, 9, true), Forms::kRing};
  return {{kRightKey, IntegerColumn(0, 20, true)},
          {kRightCode, CodeColumn({"b", "a", "aa"}, false)},
          {kRightValue, IntegerColumn(-7, 300, true), Forms::kBoth},
          {kRightText, BytesColumn(3, true)},
          unknown_range};
}

// Most valid right rows with one key.
std::uint32_t MostMatches(const TestTable& right, const std::vector<ColumnId>& keys) {
  std::map<std::string, std::uint32_t> rows;
  std::uint32_t most = 1;
  for (const std::string& key : RowTexts(right.rows, keys)) {
    if (key.find("NULL") == key.npos) most = std::max(most, ++rows[key]);
  }
  return most;
}

struct JoinCase {
  JoinKind kind;
  JoinMethod method;
  bool two_keys = false;
  bool residual = false;
};

planner::PhysicalPlan PlanOf(const TestTable& left, const TestTable& right,
                             const planner::JoinTablesNode& node) {
  planner::PhysicalPlan plan;
  AddColumns(plan, left.columns);
  AddColumns(plan, right.columns);
  plan.nodes = {planner::ShareTableNode{}, planner::ShareTableNode{}, node};
  return plan;
}

planner::ExpressionPtr Boolean(planner::Function function, std::vector<planner::ExpressionPtr> arguments) {
  DataType type;
  type.kind = TypeKind::kBoolean;
  return planner::MakeCall(function, std::move(arguments), type);
}

absl::StatusOr<TestAnswer> Join(const TestTable& left, const TestTable& right,
                                 const planner::JoinTablesNode& node, const std::vector<ColumnId>& opened) {
  const planner::PhysicalPlan plan = PlanOf(left, right, node);
  return AnswerOnBoth(
      {plan, {&left, &right}, opened, planner::JoinOpenings(node, left.slots(), right.slots())},
      [&](TableContext& context) { return JoinTables(context, node, 2); });
}

void ExpectJoin(const JoinCase& what, const TestTable& left, const TestTable& right) {
  SCOPED_TRACE(testing::Message() << "kind " << static_cast<int>(what.kind) << ", method "
                                  << static_cast<int>(what.method) << ", " << left.slots() << " x "
                                  << right.slots() << (what.two_keys ? ", two keys" : "")
                                  << (what.residual ? ", residual" : ""));
  planner::JoinTablesNode node{.kind = what.kind, .left = 0, .right = 1, .method = what.method};
  std::vector<planner::ExpressionPtr> condition;
  std::vector<ColumnId> right_keys;
  if (what.method == JoinMethod::kSort) {
    node.keys.push_back({kLeftKey, kRightKey});
    if (what.two_keys) node.keys.push_back({kLeftCode, kRightCode});
    for (const auto& [l, r] : node.keys) {
      right_keys.push_back(r);
      condition.push_back(Boolean(planner::Function::kEqual,
                                  {ColumnOf(left.columns[l]), ColumnOf(right.columns[r - kRightKey])}));
    }
  }
  if (what.residual) {
    node.residual =
        Boolean(planner::Function::kLess, {ColumnOf(left.columns[2]), ColumnOf(right.columns[2])});
    condition.push_back(node.residual);
  }
  const bool only_left = what.kind == JoinKind::kSemi || what.kind == JoinKind::kAnti;
  if (what.method == JoinMethod::kSort && (!only_left || what.residual))
    node.most_matches = MostMatches(right, right_keys);
  const std::vector<ColumnId> left_columns = {kLeftKey, kLeftCode, kLeftValue};
  const std::vector<ColumnId> right_columns = {kRightKey, kRightCode, kRightValue, kRightText, kRightSum};
  std::vector<ColumnId> columns = left_columns;
  if (!only_left) columns.insert(columns.end(), right_columns.begin(), right_columns.end());

  const auto oracle = [&](JoinKind kind, const TestTable& a, const TestTable& b) {
    planner::JoinNode join{kind, nullptr, nullptr, planner::MakeConjunction(condition)};
    const absl::StatusOr<ColumnBatch> joined = EvaluateJoin(join, a.rows, b.rows);
    EXPECT_TRUE(joined.ok()) << joined.status();
    return *joined;
  };
  std::vector<std::string> expected =
      RowTexts(oracle(what.kind == JoinKind::kFull ? JoinKind::kLeft : what.kind, left, right), columns);
  if (what.kind == JoinKind::kFull) {
    for (const std::string& row : RowTexts(oracle(JoinKind::kAnti, right, left), right_columns))
      expected.push_back("NULL NULL NULL " + row);
  }
  const absl::StatusOr<TestAnswer> answer = Join(left, right, node, columns);
  ASSERT_TRUE(answer.ok()) << answer.status();
  EXPECT_EQ(Sorted(answer->rows), Sorted(expected));
  const std::size_t blocks =
      what.method == JoinMethod::kProduct ? std::max<std::size_t>(right.slots(), 1) : node.most_matches;
  EXPECT_EQ(answer->valid.size(),
            only_left ? left.slots()
                      : left.slots() * blocks +
                            (what.kind == JoinKind::kFull
                                 ? std::max<std::size_t>(right.slots(), what.method == JoinMethod::kProduct)
                                 : 0));
}

constexpr JoinKind kKinds[] = {JoinKind::kInner, JoinKind::kLeft, JoinKind::kFull, JoinKind::kSemi,
                               JoinKind::kAnti};

TEST(JoinTables, BySortIsTheLocalJoin) {
  std::mt19937_64 random(1);
  for (const auto& [left_slots, right_slots] :
       std::vector<std::pair<std::size_t, std::size_t>>{{0, 0}, {0, 4}, {4, 0}, {1, 1}, {17, 30}, {70, 9}}) {
    for (const JoinKind kind : kKinds) {
      for (const bool two_keys : {false, true}) {
        const TestTable left = RandomTable(random, LeftColumns(), left_slots);
        const TestTable right = RandomTable(random, RightColumns(), right_slots);
        ExpectJoin({kind, JoinMethod::kSort, two_keys}, left, right);
      }
    }
  }
}

TEST(JoinTables, ResidualsDecideWhatMatches) {
  std::mt19937_64 random(2);
  for (const JoinKind kind : kKinds) {
    for (const JoinMethod method : {JoinMethod::kSort, JoinMethod::kProduct}) {
      if (kind == JoinKind::kFull && method == JoinMethod::kSort) continue;
      const TestTable left = RandomTable(random, LeftColumns(), 23);
      const TestTable right = RandomTable(random, RightColumns(), 14);
      ExpectJoin({kind, method, false, true}, left, right);
    }
  }
}

TEST(JoinTables, ProductsTryAllPairs) {
  std::mt19937_64 random(3);
  for (const JoinKind kind : kKinds) {
    for (const auto& [left_slots, right_slots] :
         std::vector<std::pair<std::size_t, std::size_t>>{{6, 0}, {0, 3}, {9, 1}, {5, 4}}) {
      ExpectJoin({kind, JoinMethod::kProduct}, RandomTable(random, LeftColumns(), left_slots),
                 RandomTable(random, RightColumns(), right_slots));
    }
  }
}

TEST(JoinTables, RefusesAKeyInMoreRowsThanDeclared) {
  std::mt19937_64 random(4);
  const TestTable left = RandomTable(random, LeftColumns(), 5);
  const TestTable right = RandomTable(random, RightColumns(), 60);
  planner::JoinTablesNode node{.left = 0, .right = 1, .keys = {{kLeftKey, kRightKey}}, .most_matches = 1};
  const absl::StatusOr<TestAnswer> answer = Join(left, right, node, {kLeftKey});
  EXPECT_EQ(answer.status().code(), absl::StatusCode::kResourceExhausted) << answer.status();
}

// The planner refuses both by name.
TEST(JoinTables, NeverComputesWhatItCannot) {
  std::mt19937_64 random(5);
  const TestTable left = RandomTable(random, LeftColumns(), 5);
  const TestTable right = RandomTable(random, RightColumns(), 6);
  planner::JoinTablesNode node{
      .kind = JoinKind::kFull, .left = 0, .right = 1, .keys = {{kLeftKey, kRightKey}}};
  node.residual = Boolean(planner::Function::kLess, {ColumnOf(left.columns[2]), ColumnOf(right.columns[2])});
  EXPECT_EQ(Join(left, right, node, {kLeftKey}).status().code(), absl::StatusCode::kInternal);
  node.residual = nullptr;
  TestTable cents = right;
  cents.columns[0].info.type = {TypeKind::kNumeric, 10, 2};
  EXPECT_EQ(Join(left, cents, node, {kLeftKey}).status().code(), absl::StatusCode::kInternal);
}

}  // namespace
}  // namespace care::engine
