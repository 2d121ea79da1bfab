// Above several releases: what set operations, groups, windows and joins make of released rows, and of hidden ones.
#include <gtest/gtest.h>

#include "engine/exec/finish.h"

namespace care::engine {
namespace {

using planner::AggregateFunction;
using planner::ColumnId;
using planner::ExpressionPtr;
using planner::Function;
using planner::LogicalPtr;
using planner::MakeCall;
using planner::MakeColumn;
using planner::MakeLiteral;
using planner::MakeNode;
using planner::WindowFunction;
using Texts = std::vector<std::string>;

// Release 0 yields (a text, b text, n bigint), release 1 (c text, m bigint); 10.. are computed.
enum : ColumnId { kA, kB, kN, kC, kM, kOne = 10, kTwo, kThree, kFour };

const Value kHidden = std::string("<hidden>");

LogicalPtr ReleaseOf(std::vector<ColumnId> columns) {
  planner::AggregateNode aggregate;
  aggregate.group_by = std::move(columns);
  return MakeNode(planner::ReleaseNode{MakeNode(aggregate)});
}
LogicalPtr First() { return ReleaseOf({kA, kB, kN}); }
LogicalPtr Second() { return ReleaseOf({kC, kM}); }

// Rows of values; kHidden is a hidden cell, and a row with one is uncertain: the cell may be empty.
ReleasedRows RowsOf(std::vector<ColumnId> columns, const std::vector<std::vector<Value>>& rows) {
  ReleasedRows result;
  for (const ColumnId column : columns) result.AddColumn(column);
  for (const std::vector<Value>& row : rows) {
    for (std::size_t i = 0; i < row.size(); ++i) result.columns[i].Append(row[i], row[i] == kHidden);
    ++result.rows;
  }
  for (std::size_t row = 0; row < rows.size(); ++row) {
    if (std::find(rows[row].begin(), rows[row].end(), kHidden) != rows[row].end()) result.MarkUncertain(row);
  }
  return result;
}
std::string T(const char* text) { return text; }
std::int64_t I(std::int64_t value) { return value; }

ExpressionPtr Text(ColumnId id) { return MakeColumn(id, kTextType); }
ExpressionPtr Number(ColumnId id) { return MakeColumn(id, kBigIntType); }

class FinishRowsTest : public testing::Test {
 protected:
  Texts Rows(const LogicalPtr& finish, std::vector<planner::OutputColumn> output) {
    std::vector<ReleasedRows> releases;
    releases.push_back(RowsOf({kA, kB, kN}, first));
    releases.back().incomplete = incomplete;
    if (!second.empty()) releases.push_back(RowsOf({kC, kM}, second));
    const absl::StatusOr<ReleasedTable> table = FinishRows(finish, std::move(releases), output, 10);
    EXPECT_TRUE(table.ok()) << table.status();
    Texts rows;
    if (!table.ok()) return rows;
    notes = table->notes;
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

  planner::NamedAggregate Sum(ColumnId output, ColumnId of) {
    planner::AggregateCall call;
    call.function = AggregateFunction::kSum;
    call.argument = Number(of);
    call.type = kNumericType;
    return {output, call};
  }
  planner::NamedAggregate CountRows(ColumnId output) {
    planner::AggregateCall call;
    call.type = kBigIntType;
    return {output, call};
  }
  LogicalPtr Combined(sql::SetOperationKind kind, bool all) {
    planner::SetOperationNode node;
    node.kind = kind;
    node.all = all;
    node.inputs = {First(), Second()};
    node.columns = {kOne, kTwo};
    node.input_columns = {{kA, kN}, {kC, kM}};
    return MakeNode(node);
  }
  Texts CombinedRows(sql::SetOperationKind kind, bool all) {
    return Rows(Combined(kind, all), {{kOne, "x", kTextType}, {kTwo, "y", kBigIntType}});
  }
  Texts WindowRows(WindowFunction function, std::vector<ColumnId> partition, bool ordered) {
    planner::WindowNode window;
    window.child = First();
    window.partition_by = std::move(partition);
    if (ordered) window.order_by = {{Number(kN), true, false}};
    planner::WindowCall call;
    call.function = function;
    const bool ranks = function == WindowFunction::kRank || function == WindowFunction::kDenseRank ||
                       function == WindowFunction::kRowNumber || function == WindowFunction::kCountStar;
    if (!ranks) call.argument = Number(kN);
    call.type = kBigIntType;
    window.calls = {{kOne, call}};
    return Rows(MakeNode(window), {{kA, "a", kTextType}, {kN, "n", kBigIntType}, {kOne, "w", kBigIntType}});
  }

  // In the order of both texts, over the rows from `first` to `last` away.
  Texts SlidingRows(WindowFunction function, std::vector<ColumnId> partition, planner::RowsFrame rows) {
    planner::WindowNode window;
    window.child = First();
    window.partition_by = std::move(partition);
    window.order_by = {{Text(kA), false, false}, {Text(kB), false, false}};
    planner::WindowCall call;
    call.function = function;
    call.argument = Number(kN);
    call.type = kBigIntType;
    call.rows = rows;
    window.calls = {{kOne, call}};
    return Rows(MakeNode(window), {{kA, "a", kTextType}, {kN, "n", kBigIntType}, {kOne, "w", kBigIntType}});
  }

  std::vector<std::vector<Value>> first = {
      {T("x"), T("p"), I(10)}, {T("x"), T("q"), I(20)}, {T("y"), T("p"), I(20)}, {T("y"), T("q"), I(7)}};
  std::vector<std::vector<Value>> second;
  bool incomplete = false;
  Texts notes;
};

TEST_F(FinishRowsTest, SetOperationsKeepPostgresqlsMultiplicities) {
  using Kind = sql::SetOperationKind;
  first = {{T("x"), T("p"), I(1)}, {T("x"), T("q"), I(1)}, {T("x"), T("r"), I(1)}, {T("y"), T("p"), Null{}}};
  second = {{T("x"), I(1)}, {T("y"), Null{}}, {T("z"), I(3)}};
  EXPECT_EQ(CombinedRows(Kind::kUnion, true), (Texts{"x 1", "x 1", "x 1", "y -", "x 1", "y -", "z 3"}));
  EXPECT_EQ(CombinedRows(Kind::kUnion, false), (Texts{"x 1", "y -", "z 3"}));
  EXPECT_EQ(CombinedRows(Kind::kIntersect, true), (Texts{"x 1", "y -"}));
  EXPECT_EQ(CombinedRows(Kind::kIntersect, false), (Texts{"x 1", "y -"}));
  EXPECT_EQ(CombinedRows(Kind::kExcept, true), (Texts{"x 1", "x 1"}));
  EXPECT_EQ(CombinedRows(Kind::kExcept, false), Texts{});
  EXPECT_TRUE(notes.empty());
}

TEST_F(FinishRowsTest, AHiddenRowDecidesNothingInASetOperation) {
  using Kind = sql::SetOperationKind;
  first = {{T("x"), T("p"), I(1)}, {T("y"), T("p"), kHidden}};
  second = {{T("x"), I(1)}, {T("z"), I(3)}};
  EXPECT_EQ(CombinedRows(Kind::kUnion, false), (Texts{"x 1", "y *", "z 3"}));
  EXPECT_EQ(CombinedRows(Kind::kIntersect, false), (Texts{"x 1", "* *"}));
  EXPECT_EQ(CombinedRows(Kind::kExcept, false), (Texts{"* *"}));
  EXPECT_EQ(notes.size(), 1u);
  // Of the other input: what EXCEPT would keep it may take away, what INTERSECT would drop it may add.
  first = {{T("x"), T("p"), I(1)}, {T("w"), T("p"), I(2)}};
  second = {{T("x"), I(1)}, {T("z"), kHidden}};
  EXPECT_EQ(CombinedRows(Kind::kIntersect, false), (Texts{"x 1", "* *"}));
  EXPECT_EQ(CombinedRows(Kind::kExcept, false), (Texts{"* *"}));
}

TEST_F(FinishRowsTest, GroupingSetsFollowEachOtherWithNullsAndBits) {
  planner::GroupingSetsNode sets;
  sets.child = First();
  sets.keys = {kA, kB};
  sets.key_outputs = {kOne, kTwo};
  sets.sets = {{0, 1}, {0}, {}};
  sets.calls = {Sum(kThree, kN)};
  sets.grouping = {{kFour, {0, 1}}};
  const std::vector<planner::OutputColumn> output = {
      {kOne, "a", kTextType}, {kTwo, "b", kTextType}, {kThree, "n", kNumericType}, {kFour, "g", kIntegerType}};
  EXPECT_EQ(Rows(MakeNode(sets), output),
            (Texts{"x p 10 0", "x q 20 0", "y p 20 0", "y q 7 0", "x - 30 1", "y - 27 1", "- - 57 3"}));
  // A hidden cell hides the totals above it, and no other.
  first[3][2] = kHidden;
  EXPECT_EQ(Rows(MakeNode(sets), output),
            (Texts{"x p 10 0", "x q 20 0", "y p 20 0", "y q * 0", "x - 30 1", "y - * 1", "- - * 3"}));
  EXPECT_EQ(notes.size(), 1u);
  // Of no rows, the set without keys is one group.
  first.clear();
  EXPECT_EQ(Rows(MakeNode(sets), output), (Texts{"- - - 3"}));
}

TEST_F(FinishRowsTest, AggregatesAcrossAHiddenCellAreHidden) {
  planner::AggregateNode aggregate;
  aggregate.child = First();
  aggregate.group_by = {kA};
  aggregate.calls = {CountRows(kOne), Sum(kTwo, kN)};
  const std::vector<planner::OutputColumn> output = {
      {kA, "a", kTextType}, {kOne, "count", kBigIntType}, {kTwo, "sum", kNumericType}};
  EXPECT_EQ(Rows(MakeNode(aggregate), output), (Texts{"x 2 30", "y 2 27"}));
  first[0][2] = kHidden;
  EXPECT_EQ(Rows(MakeNode(aggregate), output), (Texts{"x * *", "y 2 27"}));
  // By a hidden key: its row may belong to any group.
  aggregate.group_by = {kN};
  EXPECT_EQ(Rows(MakeNode(aggregate), {{kN, "n", kBigIntType}, {kOne, "count", kBigIntType}}),
            (Texts{"* *", "20 *", "7 *"}));
}

TEST_F(FinishRowsTest, AFilterKeepsItsHiddenRowFromTheCountOfRows) {
  planner::AggregateNode aggregate;
  aggregate.child = MakeNode(planner::FilterNode{
      First(), MakeCall(Function::kEqual, {Text(kB), MakeLiteral(T("p"), kTextType)}, kBooleanType)});
  aggregate.calls = {CountRows(kOne)};
  first[3][2] = kHidden;  // b = q
  EXPECT_EQ(Rows(MakeNode(aggregate), {{kOne, "count", kBigIntType}}), (Texts{"2"}));
  EXPECT_TRUE(notes.empty());
  first[2][2] = kHidden;
  EXPECT_EQ(Rows(MakeNode(aggregate), {{kOne, "count", kBigIntType}}), (Texts{"*"}));
}

TEST_F(FinishRowsTest, WindowsHavePeersAndPartitions) {
  EXPECT_EQ(WindowRows(WindowFunction::kRank, {}, true), (Texts{"x 10 3", "x 20 1", "y 20 1", "y 7 4"}));
  EXPECT_EQ(WindowRows(WindowFunction::kDenseRank, {}, true), (Texts{"x 10 2", "x 20 1", "y 20 1", "y 7 3"}));
  EXPECT_EQ(WindowRows(WindowFunction::kSum, {}, true), (Texts{"x 10 50", "x 20 40", "y 20 40", "y 7 57"}));
  EXPECT_EQ(WindowRows(WindowFunction::kSum, {kA}, false), (Texts{"x 10 30", "x 20 30", "y 20 27", "y 7 27"}));
  EXPECT_EQ(WindowRows(WindowFunction::kLastValue, {}, true), (Texts{"x 10 10", "x 20 20", "y 20 20", "y 7 7"}));
  EXPECT_EQ(WindowRows(WindowFunction::kLag, {kA}, true), (Texts{"x 10 20", "x 20 -", "y 20 -", "y 7 20"}));
  EXPECT_EQ(WindowRows(WindowFunction::kLead, {kA}, true), (Texts{"x 10 -", "x 20 10", "y 20 7", "y 7 -"}));
}

TEST_F(FinishRowsTest, AHiddenCellHidesTheWindowsThatItMayBeIn) {
  first[3][2] = kHidden;
  EXPECT_EQ(WindowRows(WindowFunction::kRank, {kA}, true), (Texts{"x 10 2", "x 20 1", "y 20 *", "y * *"}));
  EXPECT_EQ(WindowRows(WindowFunction::kSum, {kA}, false), (Texts{"x 10 30", "x 20 30", "y 20 *", "y * *"}));
  EXPECT_EQ(WindowRows(WindowFunction::kCountStar, {}, false), (Texts{"x 10 *", "x 20 *", "y 20 *", "y * *"}));
}

TEST_F(FinishRowsTest, FramesOfRows) {
  EXPECT_EQ(SlidingRows(WindowFunction::kSum, {}, {-1, 0}), (Texts{"x 10 10", "x 20 30", "y 20 40", "y 7 27"}));
  EXPECT_EQ(SlidingRows(WindowFunction::kMax, {kA}, {0, 5}), (Texts{"x 10 20", "x 20 20", "y 20 20", "y 7 7"}));
  EXPECT_EQ(SlidingRows(WindowFunction::kCount, {}, {1, 2}), (Texts{"x 10 2", "x 20 2", "y 20 1", "y 7 0"}));
  EXPECT_EQ(SlidingRows(WindowFunction::kSum, {}, {-1, -3}), (Texts{"x 10 -", "x 20 -", "y 20 -", "y 7 -"}));
  EXPECT_EQ(SlidingRows(WindowFunction::kFirstValue, {}, {-2, -1}), (Texts{"x 10 -", "x 20 10", "y 20 10", "y 7 20"}));
  // The hidden cell may be no row at all: the frames behind it would then begin a row earlier.
  first[2][2] = kHidden;
  EXPECT_EQ(SlidingRows(WindowFunction::kSum, {}, {-1, 0}), (Texts{"x 10 10", "x 20 30", "y * *", "y 7 *"}));
  EXPECT_EQ(SlidingRows(WindowFunction::kSum, {}, {0, 1}), (Texts{"x 10 30", "x 20 *", "y * *", "y 7 *"}));
  EXPECT_EQ(SlidingRows(WindowFunction::kSum, {kA}, {0, 1}), (Texts{"x 10 30", "x 20 20", "y * *", "y 7 *"}));
}

TEST_F(FinishRowsTest, AScalarSubqueryIsACrossJoinWithItsOneRow) {
  second = {{T("z"), I(5)}};
  planner::JoinNode join;
  join.kind = planner::JoinKind::kCross;
  join.left = First();
  join.right = Second();
  join.condition = MakeLiteral(true, kBooleanType);
  planner::ProjectNode project;
  project.child = MakeNode(join);
  project.columns = {{kOne, Text(kA)},
                     {kTwo, MakeCall(Function::kSubtract, {Number(kN), Number(kM)}, kBigIntType)}};
  const std::vector<planner::OutputColumn> output = {{kOne, "a", kTextType}, {kTwo, "d", kBigIntType}};
  EXPECT_EQ(Rows(MakeNode(project), output), (Texts{"x 5", "x 15", "y 15", "y 2"}));
  second[0][1] = kHidden;
  EXPECT_EQ(Rows(MakeNode(project), output), (Texts{"x *", "x *", "y *", "y *"}));
}

TEST_F(FinishRowsTest, JoinsOfTwoReleases) {
  second = {{T("x"), I(1)}, {T("z"), I(3)}};
  planner::JoinNode join;
  join.left = First();
  join.right = Second();
  join.condition = MakeCall(Function::kEqual, {Text(kA), Text(kC)}, kBooleanType);
  const std::vector<planner::OutputColumn> both = {
      {kA, "a", kTextType}, {kN, "n", kBigIntType}, {kC, "c", kTextType}, {kM, "m", kBigIntType}};
  const std::vector<planner::OutputColumn> left = {both[0], both[1]};
  join.kind = planner::JoinKind::kInner;
  EXPECT_EQ(Rows(MakeNode(join), both), (Texts{"x 10 x 1", "x 20 x 1"}));
  join.kind = planner::JoinKind::kLeft;
  EXPECT_EQ(Rows(MakeNode(join), both), (Texts{"x 10 x 1", "x 20 x 1", "y 20 - -", "y 7 - -"}));
  join.kind = planner::JoinKind::kFull;
  EXPECT_EQ(Rows(MakeNode(join), both), (Texts{"x 10 x 1", "x 20 x 1", "y 20 - -", "y 7 - -", "- - z 3"}));
  join.kind = planner::JoinKind::kSemi;
  EXPECT_EQ(Rows(MakeNode(join), left), (Texts{"x 10", "x 20"}));
  join.kind = planner::JoinKind::kAnti;
  EXPECT_EQ(Rows(MakeNode(join), left), (Texts{"y 20", "y 7"}));
  EXPECT_TRUE(notes.empty());
}

TEST_F(FinishRowsTest, GroupsThatNobodySeesAreNoted) {
  incomplete = true;
  planner::AggregateNode aggregate;
  aggregate.child = First();
  aggregate.calls = {Sum(kOne, kN)};
  EXPECT_EQ(Rows(MakeNode(aggregate), {{kOne, "sum", kNumericType}}), (Texts{"57"}));
  ASSERT_EQ(notes.size(), 1u);
  EXPECT_EQ(notes[0], "groups of fewer than 10 persons are not shown, and no total or rank counts them");
}

TEST_F(FinishRowsTest, DistinctGoesByValue) {
  planner::ProjectNode project;
  project.child = First();
  project.columns = {{kOne, MakeCall(Function::kMultiply,
                                     {Number(kN), MakeLiteral(Decimal{10, 1}, kNumericType)}, kNumericType)}};
  first = {{T("x"), T("p"), Decimal{10, 1}}, {T("x"), T("p"), Decimal{100, 2}}, {T("x"), T("p"), I(1)}};
  EXPECT_EQ(Rows(MakeNode(planner::DistinctNode{MakeNode(project)}), {{kOne, "d", kNumericType}}), (Texts{"1.00"}));
}

TEST_F(FinishRowsTest, AMissingReleaseIsAnError) {
  planner::SetOperationNode node;
  node.inputs = {First(), Second()};
  node.columns = {kOne};
  node.input_columns = {{kA}, {kC}};
  std::vector<ReleasedRows> releases;
  releases.push_back(RowsOf({kA, kB, kN}, first));
  EXPECT_FALSE(FinishRows(MakeNode(node), std::move(releases), {{kOne, "x", kTextType}}, 10).ok());
}

}  // namespace
}  // namespace care::engine
