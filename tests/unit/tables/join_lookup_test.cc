// Private lookups between shared tables of two owners on both protocols, against the local join: distinct and repeated left keys,
// NULL keys on either side, left rows that a joint filter has dropped, keys of two columns, payload in bits and rings; the order
// that stays known; and repeated keys on the right.
#include "engine/exec/local/local_join.h"
#include "engine/exec/tables/join_table.h"
#include "planner/physical/share_orders.h"
#include "tests/unit/tables/owned_tables.h"

namespace care::engine {
namespace {

using planner::JoinKind;

constexpr ColumnId kLeftKey = 0, kLeftCode = 1, kLeftValue = 2, kRightKey = 3, kRightCode = 4,
                   kRightValue = 5, kRightText = 6, kRightFlag = 7;

std::vector<TestColumn> LeftColumns() {
  return {{kLeftKey, IntegerColumn(0, 9, true)},
          {kLeftCode, CodeColumn({"a", "b"}, true)},
          {kLeftValue, IntegerColumn(-100, 100, true), Forms::kBoth}};
}
std::vector<TestColumn> RightColumns() {
  return {{kRightKey, IntegerColumn(0, 9, true)},
          {kRightCode, CodeColumn({"b", "a"}, false)},
          {kRightValue, IntegerColumn(-7, 300, true), Forms::kBoth},
          {kRightText, BytesColumn(3, true)},
          {kRightFlag, BooleanColumn(true), Forms::kBits}};
}

// Rows with keys of their own, or NULL.
void MakeDistinct(OwnedTable& owned, std::int64_t step) {
  const auto renumber = [&](Column& cells) {
    for (std::size_t i = 0; i < cells.integers.size(); ++i) {
      if (!cells.IsNull(i)) cells.integers[i] = static_cast<std::int64_t>(i) * step % 10;
    }
  };
  renumber(owned.table.at_slots[0]);
  renumber(owned.batch.columns[0]);
  std::size_t next = 0;
  for (std::size_t i = 0; i < owned.table.slots(); ++i) {
    if (!owned.table.valid[i]) continue;
    owned.table.rows.columns[0].integers[next++] = owned.table.at_slots[0].integers[i];
  }
}

absl::StatusOr<TestAnswer> Lookup(const OwnedTable& left, const OwnedTable& right,
                                   planner::JoinTablesNode node, bool distinct_left,
                                   const std::vector<ColumnId>& opened, bool stands_by_key = false) {
  planner::PhysicalPlan plan;
  AddColumns(plan, left.table.columns);
  AddColumns(plan, right.table.columns);
  planner::LocalNode fragment{.party = 0, .row_bound = left.table.slots()};
  if (distinct_left) {
    fragment.key = kLeftKey;
    fragment.key_unique = true;
  }
  node.left = 0;
  node.right = 1;
  const bool by_owner = node.method == planner::JoinMethod::kByOwner;
  if (!by_owner) {
    node.method = planner::JoinMethod::kLookup;
    node.helper = 2;
    if (node.left_keys == 0) node.left_keys = left.table.slots();
  }
  // The shares read fragment 3; nothing runs it here.
  planner::ShareTableNode left_share = ShareOf(left.table, 3);
  if (stands_by_key) left_share.order_by = planner::LeftKeys(node);
  plan.nodes = {left_share, ShareOf(right.table, 3), node, fragment};
  return AnswerOnBoth({plan, {&left.table, &right.table}, opened, {}},
                      [&](TableContext& context) -> absl::StatusOr<SharedTable> {
                        for (const auto& [id, owned] : {std::pair{0u, &left}, std::pair{1u, &right}}) {
                          SharedTable& table = context.tables.at(id);
                          table.order = by_owner ? 0 : static_cast<PartyId>(id);
                          if (context.protocol.Holds(table.order)) table.batch = Borrowed(&owned->batch);
                        }
                        CARE_ASSIGN_OR_RETURN(SharedTable joined, JoinTables(context, node, 2));
                        if (joined.order != 0) return absl::InternalError("the order was lost");
                        return joined;
                      });
}

planner::ExpressionPtr Equal(const TestColumn& a, const TestColumn& b) {
  return planner::MakeCall(planner::Function::kEqual, {ColumnOf(a), ColumnOf(b)}, kBooleanType);
}

TEST(JoinByLookup, IsTheLocalJoin) {
  std::mt19937_64 random(1);
  for (const auto& [left_rows, right_rows] :
       std::vector<std::pair<std::size_t, std::size_t>>{{0, 0}, {0, 3}, {5, 0}, {10, 10}, {7, 9}}) {
    for (const bool distinct_left : {true, false}) {
      for (const bool two_keys : {false, true}) {
        for (const JoinKind kind : {JoinKind::kInner, JoinKind::kLeft, JoinKind::kSemi, JoinKind::kAnti}) {
          SCOPED_TRACE(testing::Message()
                       << left_rows << " x " << right_rows << ", distinct " << distinct_left << ", two keys "
                       << two_keys << ", kind " << static_cast<int>(kind));
          OwnedTable left = MakeOwned(random, LeftColumns(), 12, left_rows, true);
          OwnedTable right = MakeOwned(random, RightColumns(), 11, right_rows, false);
          if (distinct_left) MakeDistinct(left, 1);
          MakeDistinct(right, 3);
          planner::JoinTablesNode node{.kind = kind, .keys = {{kLeftKey, kRightKey}}};
          std::vector<planner::ExpressionPtr> condition = {
              Equal(left.table.columns[0], right.table.columns[0])};
          if (two_keys) {
            node.keys.push_back({kLeftCode, kRightCode});
            condition.push_back(Equal(left.table.columns[1], right.table.columns[1]));
          }
          std::vector<ColumnId> columns = {kLeftKey, kLeftCode, kLeftValue};
          if (kind == JoinKind::kInner || kind == JoinKind::kLeft)
            columns.insert(columns.end(), {kRightKey, kRightCode, kRightValue, kRightText, kRightFlag});
          const planner::JoinNode join{kind, nullptr, nullptr, planner::MakeConjunction(condition)};
          const absl::StatusOr<ColumnBatch> oracle = EvaluateJoin(join, left.table.rows, right.table.rows);
          ASSERT_TRUE(oracle.ok()) << oracle.status();
          const auto check = [&](const absl::StatusOr<TestAnswer>& answer) {
            ASSERT_TRUE(answer.ok()) << answer.status();
            EXPECT_EQ(Sorted(answer->rows), Sorted(RowTexts(*oracle, columns)));
            EXPECT_EQ(answer->valid.size(), left.table.slots());
          };
          check(Lookup(left, right, node, distinct_left, columns));
          planner::JoinTablesNode by_owner = node;
          by_owner.method = planner::JoinMethod::kByOwner;
          check(Lookup(left, right, by_owner, distinct_left, columns));
          SortOwned(left, two_keys ? std::vector<std::size_t>{0, 1} : std::vector<std::size_t>{0});
          check(Lookup(left, right, node, distinct_left, columns, /*stands_by_key=*/true));
        }
      }
    }
  }
}

TEST(JoinByLookup, RefusesRepeatedKeysOnTheRightUnlessItIsOnlyAskedWhether) {
  std::mt19937_64 random(2);
  const OwnedTable left = MakeOwned(random, LeftColumns(), 6, 6, false);
  const OwnedTable right = MakeOwned(random, RightColumns(), 40, 40, false);
  planner::JoinTablesNode node{.kind = JoinKind::kInner, .keys = {{kLeftKey, kRightKey}}};
  EXPECT_FALSE(Lookup(left, right, node, false, {kLeftKey}).ok());
  node.kind = JoinKind::kSemi;
  const planner::JoinNode join{JoinKind::kSemi, nullptr, nullptr,
                               Equal(left.table.columns[0], right.table.columns[0])};
  const absl::StatusOr<ColumnBatch> oracle = EvaluateJoin(join, left.table.rows, right.table.rows);
  const absl::StatusOr<TestAnswer> answer = Lookup(left, right, node, false, {kLeftKey, kLeftValue});
  ASSERT_TRUE(answer.ok()) << answer.status();
  EXPECT_EQ(Sorted(answer->rows), Sorted(RowTexts(*oracle, {kLeftKey, kLeftValue})));
}

// References bound how many keys there are; only the owner can tell that one does not hold.
TEST(JoinByLookup, MoreKeysThanDeclaredAreAnError) {
  std::mt19937_64 random(3);
  const OwnedTable left = MakeOwned(random, LeftColumns(), 40, 40, false);
  OwnedTable right = MakeOwned(random, RightColumns(), 9, 9, false);
  MakeDistinct(right, 1);
  planner::JoinTablesNode node{.kind = JoinKind::kInner, .keys = {{kLeftKey, kRightKey}}, .left_keys = 3};
  EXPECT_EQ(Lookup(left, right, node, false, {kLeftKey}).status().code(), absl::StatusCode::kFailedPrecondition);
  node.left_keys = 11;  // ten numbers and NULL
  EXPECT_TRUE(Lookup(left, right, node, false, {kLeftKey}).ok());
}

}  // namespace
}  // namespace care::engine
