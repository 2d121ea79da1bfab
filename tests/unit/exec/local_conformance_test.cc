// The dialect profile claims that what SQLite is handed it computes as PostgreSQL would; the node's own
// evaluator claims the same of itself. Here both answer the same random fragments over the same random rows,
// with NULLs, a case-insensitive column and awkward texts, and must agree cell by cell.

#include <algorithm>
#include <cstdint>
#include <string>
#include <vector>

#include "engine/types/date.h"
#include "gtest/gtest.h"
#include "tests/unit/exec/local_fixture.h"

namespace care::engine {
namespace {

using planner::AggregateCall;
using planner::AggregateFunction;
using planner::ColumnId;
using planner::ExpressionPtr;
using planner::Function;
using planner::LogicalNode;
using planner::LogicalPtr;
using planner::MakeCall;
using planner::MakeLiteral;

const DataType kAmountType{TypeKind::kNumeric, 8, 2};
const DataType kSumType{TypeKind::kNumeric, 0, 2};

class Random {
 public:
  explicit Random(std::uint64_t seed) : state_(seed * 2654435761u + 88172645463325252u) {}
  std::uint64_t Below(std::uint64_t bound) {
    state_ ^= state_ << 13;
    state_ ^= state_ >> 7;
    state_ ^= state_ << 17;
    return (state_ >> 11) % bound;
  }

 private:
  std::uint64_t state_;
};

const char* const kTexts[] = {"", "a", "A", "b", "aa", "z'q", "é", "Z", " a", "10", "9"};

class RandomFragments {
 public:
  RandomFragments(LocalDatabase& database, std::uint64_t seed) : database_(database), random_(seed) {}

  ExpressionPtr Boolean(int depth) {
    if (depth == 0) {
      return random_.Below(3) == 0 ? MakeLiteral(random_.Below(2) == 0, kBooleanType)
                                   : database_.ColumnOf(LocalDatabase::kFlag);
    }
    switch (random_.Below(9)) {
      case 0:
        return MakeCall(Function::kAnd, {Boolean(depth - 1), Boolean(depth - 1), Boolean(0)}, kBooleanType);
      case 1:
        return MakeCall(Function::kOr, {Boolean(depth - 1), Boolean(depth - 1)}, kBooleanType);
      case 2:
        return MakeCall(Function::kNot, {Boolean(depth - 1)}, kBooleanType);
      case 3: {
        constexpr Function kTests[] = {Function::kIsTrue, Function::kIsFalse, Function::kIsUnknown,
                                       Function::kIsNull, Function::kIsNotNull};
        return MakeCall(kTests[random_.Below(5)], {Boolean(depth - 1)}, kBooleanType);
      }
      case 4:
        return InList(depth - 1);
      default: {
        constexpr Function kCompares[] = {Function::kEqual,          Function::kNotEqual, Function::kLess,
                                          Function::kLessOrEqual,    Function::kGreater,  Function::kGreaterOrEqual,
                                          Function::kIsDistinct,     Function::kIsNotDistinct};
        const std::uint64_t kind = random_.Below(5);
        return MakeCall(kCompares[random_.Below(8)], {OfKind(kind, depth - 1), OfKind(kind, depth - 1)}, kBooleanType);
      }
    }
  }

  ExpressionPtr OfKind(std::uint64_t kind, int depth) {
    if (depth > 0 && random_.Below(4) == 0) return Choice(kind, depth);
    switch (kind) {
      case 0:
        return Integer(depth);
      case 1:
        return random_.Below(3) == 0 ? MakeLiteral(Date{static_cast<std::int32_t>(18000 + random_.Below(60))}, kDateType)
                                     : database_.ColumnOf(LocalDatabase::kDay);
      case 2:
        return random_.Below(3) == 0 ? MakeLiteral(std::string(kTexts[random_.Below(11)]), kTextType)
                                     : database_.ColumnOf(LocalDatabase::kText);
      case 3:
        return random_.Below(3) == 0
                   ? MakeLiteral(Decimal{static_cast<std::int64_t>(random_.Below(4000)) - 2000, 2}, kAmountType)
                   : database_.ColumnOf(LocalDatabase::kAmount);
      default:
        return Boolean(depth);
    }
  }

  ExpressionPtr Integer(int depth) {
    if (depth == 0) {
      if (random_.Below(3) == 0) {
        return MakeLiteral(static_cast<std::int64_t>(random_.Below(40)) - 20, kBigIntType);
      }
      return database_.ColumnOf(LocalDatabase::kBig);
    }
    constexpr Function kOperations[] = {Function::kAdd, Function::kSubtract, Function::kMultiply};
    switch (random_.Below(5)) {
      case 0:
        return MakeCall(Function::kNegate, {Integer(depth - 1)}, kBigIntType);
      case 1:
        return MakeCall(Function::kAbs, {Integer(depth - 1)}, kBigIntType);
      default:
        return MakeCall(kOperations[random_.Below(3)], {Integer(depth - 1), Integer(depth - 1)}, kBigIntType);
    }
  }

  ExpressionPtr Choice(std::uint64_t kind, int depth) {
    ExpressionPtr first = OfKind(kind, depth - 1);
    ExpressionPtr second = OfKind(kind, depth - 1);
    const DataType type = first->type;
    if (random_.Below(3) == 0) return MakeCall(Function::kCoalesce, {first, second}, type);
    if (random_.Below(2) == 0) return MakeCall(Function::kNullIf, {first, second}, type);
    planner::CaseExpression cases;
    cases.branches = {{Boolean(depth - 1), first}};
    cases.otherwise = random_.Below(2) == 0 ? second : MakeLiteral(Null{}, type);
    return std::make_shared<const planner::Expression>(planner::Expression{std::move(cases), type, {}});
  }

  ExpressionPtr InList(int depth) {
    const bool text = random_.Below(2) == 0;
    planner::InListExpression list;
    list.operand = OfKind(text ? 2 : 0, depth);
    for (std::uint64_t i = random_.Below(3) + 1; i > 0; --i) {
      if (random_.Below(6) == 0) {
        list.values.push_back(Null{});
      } else if (text) {
        list.values.push_back(std::string(kTexts[random_.Below(11)]));
      } else {
        list.values.push_back(static_cast<std::int64_t>(random_.Below(40)) - 20);
      }
    }
    return std::make_shared<const planner::Expression>(planner::Expression{std::move(list), kBooleanType, {}});
  }

  LogicalPtr Filtered(LogicalPtr child) { return Node(planner::FilterNode{std::move(child), Boolean(3)}); }

  LogicalPtr Projected(LogicalPtr child) {
    planner::ProjectNode project;
    project.child = std::move(child);
    for (std::uint64_t kind = 0; kind < 5; ++kind) {
      ExpressionPtr expression = OfKind(kind, 3);
      project.columns.push_back({database_.AddColumn(expression->type), expression});
    }
    return Node(std::move(project));
  }

  LogicalPtr Aggregated(LogicalPtr child) {
    planner::AggregateNode aggregate;
    aggregate.child = std::move(child);
    const ColumnId keys[] = {LocalDatabase::kText, LocalDatabase::kFlag, LocalDatabase::kDay, LocalDatabase::kAmount};
    for (std::uint64_t i = random_.Below(3); i > 0; --i) {
      const ColumnId key = keys[random_.Below(4)];
      if (std::find(aggregate.group_by.begin(), aggregate.group_by.end(), key) == aggregate.group_by.end()) {
        aggregate.group_by.push_back(key);
      }
    }
    const auto add = [&](AggregateFunction function, ExpressionPtr argument, DataType type) {
      AggregateCall call;
      call.function = function;
      call.argument = std::move(argument);
      call.type = type;
      call.distinct = call.argument != nullptr && random_.Below(3) == 0;
      if (random_.Below(2) == 0) call.filter = Boolean(2);
      aggregate.calls.push_back({database_.AddColumn(type), std::move(call)});
    };
    add(AggregateFunction::kCountStar, nullptr, kBigIntType);
    add(AggregateFunction::kCount, OfKind(random_.Below(5), 1), kBigIntType);
    add(AggregateFunction::kSum, database_.ColumnOf(LocalDatabase::kAmount), kSumType);
    add(AggregateFunction::kSum, Integer(1), kNumericType);
    add(AggregateFunction::kMin, OfKind(2, 1), kTextType);
    add(AggregateFunction::kMax, OfKind(1, 1), kDateType);
    add(AggregateFunction::kMin, Integer(1), kBigIntType);
    add(AggregateFunction::kBoolAnd, Boolean(1), kBooleanType);
    add(AggregateFunction::kBoolOr, Boolean(1), kBooleanType);
    return Node(std::move(aggregate));
  }

  LogicalPtr Joined(planner::JoinKind kind, LogicalPtr left, LogicalPtr right) {
    ExpressionPtr condition = MakeCall(
        Function::kEqual, {database_.ColumnOf(LocalDatabase::kBig), database_.ColumnOf(LocalDatabase::kOther)},
        kBooleanType);
    const bool plain = kind == planner::JoinKind::kSemi || kind == planner::JoinKind::kAnti;
    if (!plain && random_.Below(2) == 0) condition = planner::MakeConjunction({condition, Boolean(2)});
    return Node(planner::JoinNode{kind, std::move(left), std::move(right), std::move(condition)});
  }

  LogicalPtr Sorted(LogicalPtr child) {
    planner::SortNode sort;
    sort.child = std::move(child);
    for (std::uint64_t kind : {random_.Below(5), random_.Below(5)}) {
      sort.keys.push_back({OfKind(kind, 1), random_.Below(2) == 0, random_.Below(2) == 0});
    }
    sort.keys.push_back({database_.ColumnOf(LocalDatabase::kKey)});  // total
    return Node(std::move(sort));
  }

 private:
  LocalDatabase& database_;
  Random random_;
};

void Fill(LocalDatabase& database, std::uint64_t seed) {
  Random random(seed);
  database.Execute("BEGIN");
  for (int row = 0; row < 70; ++row) {
    const auto cell = [&](std::string text) { return random.Below(5) == 0 ? std::string("NULL") : text; };
    std::string text = kTexts[random.Below(11)];
    if (text == "z'q") text = "z''q";
    const std::string values =
        std::to_string(row) + ", " + cell(std::to_string(static_cast<int>(random.Below(30)) - 15)) + ", " +
        cell(std::to_string(static_cast<int>(random.Below(100)) - 50)) + ", " +
        cell(std::to_string(random.Below(2))) + ", " +
        cell("'" + FormatDate(static_cast<std::int32_t>(18000 + random.Below(60))) + "'") + ", " +
        cell("'" + text + "'") + ", " + cell(std::to_string(static_cast<int>(random.Below(4000)) - 2000));
    database.Execute("INSERT INTO one VALUES (" + values + ")");
    database.Execute("INSERT INTO two VALUES (" + cell(std::to_string(static_cast<int>(random.Below(30)) - 15)) + ", " +
                     cell(std::to_string(random.Below(9))) + ")");
  }
  database.Execute("COMMIT");
}

// Everything above the scans by the node itself.
absl::StatusOr<ColumnBatch> EvaluateHere(const LogicalNode& node, connectors::Connector& connector,
                                         const std::vector<planner::ColumnInfo>& columns) {
  if (std::holds_alternative<planner::ScanNode>(node.node)) return connector.Run(node);
  std::vector<ColumnBatch> children;
  for (const LogicalPtr& child : planner::ChildrenOf(node)) {
    auto batch = EvaluateHere(*child, connector, columns);
    if (!batch.ok()) return batch.status();
    children.push_back(*std::move(batch));
  }
  return EvaluateOperator(node, std::move(children), columns);
}

enum class Shape { kFilter, kProject, kAggregate, kInner, kLeft, kSemi, kAnti, kSort, kDistinct };

class LocalConformance : public testing::TestWithParam<Shape> {};

TEST_P(LocalConformance, DatabaseAndNodeAgree) {
  const Shape shape = GetParam();
  int compared = 0;
  for (std::uint64_t seed = 1; seed <= 60; ++seed) {
    LocalDatabase database;
    Fill(database, seed);
    RandomFragments fragments(database, seed * 31 + static_cast<std::uint64_t>(shape));
    const LogicalPtr scan = database.ScanOne();
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
        node = fragments.Joined(planner::JoinKind::kInner, fragments.Filtered(scan), database.ScanTwo());
        break;
      case Shape::kLeft:
        node = fragments.Joined(planner::JoinKind::kLeft, scan, database.ScanTwo());
        if (seed % 2 == 0) node = fragments.Filtered(node);
        break;
      case Shape::kSemi:
        node = fragments.Joined(planner::JoinKind::kSemi, fragments.Filtered(scan), database.ScanTwo());
        break;
      case Shape::kAnti:
        node = fragments.Joined(planner::JoinKind::kAnti, scan, database.ScanTwo());
        break;
      case Shape::kSort:
        node = Node(planner::LimitNode{fragments.Sorted(fragments.Filtered(scan)), 20, seed % 3});
        break;
      case Shape::kDistinct:
        node = Node(planner::DistinctNode{fragments.Projected(scan)});
        break;
    }
    auto connector = database.Connect();
    if (!connector->Supports(*node)) continue;
    const std::string sql = connector->SqlFor(*node).value();
    const auto pushed = connector->Run(*node);
    ASSERT_TRUE(pushed.ok()) << pushed.status() << "\n" << sql;
    const auto here = EvaluateHere(*node, *connector, database.Columns());
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
  EXPECT_GE(compared, 50) << "the profile refuses what it should support";
}

INSTANTIATE_TEST_SUITE_P(Shapes, LocalConformance,
                         testing::Values(Shape::kFilter, Shape::kProject, Shape::kAggregate, Shape::kInner,
                                         Shape::kLeft, Shape::kSemi, Shape::kAnti, Shape::kSort, Shape::kDistinct));

}  // namespace
}  // namespace care::engine
