// Random fragments over the tables of MakeTables, for comparing what a database makes of them with what the node does.
#pragma once

#include <algorithm>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "engine/types/date.h"
#include "engine/types/timestamp.h"
#include "tests/connectors/test_database.h"

namespace care::connectors {

using planner::AggregateCall;
using planner::AggregateFunction;
using planner::ColumnId;
using planner::ExpressionPtr;
using planner::Function;
using planner::LogicalNode;
using planner::LogicalPtr;
using planner::MakeCall;
using planner::MakeLiteral;

// Columns of table `one` have ids 0..8, of table `two` 9..10.
enum : ColumnId { kKey, kBig, kSmall, kFlag, kDay, kText, kAmount, kMoment, kInstant, kOther, kWeight };

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
  RandomFragments(TestFederation& federation, std::uint64_t seed) : federation_(federation), random_(seed) {}

  ExpressionPtr Boolean(int depth) {
    if (depth == 0) {
      return random_.Below(3) == 0 ? MakeLiteral(random_.Below(2) == 0, kBooleanType)
                                   : federation_.ColumnOf(kFlag);
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
                                     : federation_.ColumnOf(kDay);
      case 2:
        return random_.Below(3) == 0 ? MakeLiteral(std::string(kTexts[random_.Below(11)]), kTextType)
                                     : federation_.ColumnOf(kText);
      case 3:
        return random_.Below(3) == 0
                   ? MakeLiteral(Decimal{static_cast<std::int64_t>(random_.Below(4000)) - 2000, 2}, kAmountType)
                   : federation_.ColumnOf(kAmount);
      default:
        return Boolean(depth);
    }
  }

  ExpressionPtr Integer(int depth) {
    if (depth == 0) {
      if (random_.Below(3) == 0) {
        return MakeLiteral(static_cast<std::int64_t>(random_.Below(40)) - 20, kBigIntType);
      }
      return federation_.ColumnOf(kBig);
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
      project.columns.push_back({federation_.AddColumn(expression->type), expression});
    }
    return Node(std::move(project));
  }

  LogicalPtr Aggregated(LogicalPtr child) {
    planner::AggregateNode aggregate;
    aggregate.child = std::move(child);
    const ColumnId keys[] = {kText, kFlag, kDay, kAmount};
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
      aggregate.calls.push_back({federation_.AddColumn(type), std::move(call)});
    };
    add(AggregateFunction::kCountStar, nullptr, kBigIntType);
    add(AggregateFunction::kCount, OfKind(random_.Below(5), 1), kBigIntType);
    add(AggregateFunction::kSum, federation_.ColumnOf(kAmount), kSumType);
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
        Function::kEqual, {federation_.ColumnOf(kBig), federation_.ColumnOf(kOther)},
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
    sort.keys.push_back({federation_.ColumnOf(kKey)});  // total
    return Node(std::move(sort));
  }

  // A semi- or anti-join with more than an equality, or with none.
  LogicalPtr JoinedIf(planner::JoinKind kind, LogicalPtr left, LogicalPtr right) {
    const ExpressionPtr equal =
        MakeCall(Function::kEqual, {federation_.ColumnOf(kBig), federation_.ColumnOf(kOther)}, kBooleanType);
    const ExpressionPtr beyond =
        MakeCall(Function::kLess, {federation_.ColumnOf(kWeight), Integer(1)}, kBooleanType);
    const bool outer = kind == planner::JoinKind::kFull;  // PostgreSQL wants an equality there
    return Node(planner::JoinNode{kind, std::move(left), std::move(right),
                                  outer || random_.Below(3) != 0 ? planner::MakeConjunction({equal, beyond}) : beyond});
  }

  // Two projections of the same types, and a third of constants.
  LogicalPtr Combined(LogicalPtr child, sql::SetOperationKind kind, bool all) {
    planner::SetOperationNode operation;
    operation.kind = kind;
    operation.all = all;
    const auto small = [&]() -> ExpressionPtr {
      return random_.Below(2) == 0 ? federation_.ColumnOf(kSmall) : federation_.ColumnOf(kBig);
    };
    for (int input = 0; input < 2; ++input) {
      planner::ProjectNode project;
      project.child = Filtered(child);
      std::vector<ColumnId> columns;
      const std::vector<ExpressionPtr> expressions = {federation_.ColumnOf(kText), federation_.ColumnOf(kFlag), small()};
      for (const ExpressionPtr& expression : expressions) {
        columns.push_back(federation_.AddColumn(expression->type));
        project.columns.push_back({columns.back(), expression});
      }
      operation.inputs.push_back(Node(std::move(project)));
      operation.input_columns.push_back(columns);
    }
    if (kind == sql::SetOperationKind::kUnion) {
      planner::ValuesNode values;
      for (const DataType& type : {kTextType, kBooleanType, kBigIntType}) values.columns.push_back(federation_.AddColumn(type));
      for (std::uint64_t row = 0; row < 3; ++row) {
        values.rows.push_back({std::string(kTexts[random_.Below(11)]), random_.Below(2) == 0,
                               random_.Below(2) == 0 ? Value(Null{}) : Value(static_cast<std::int64_t>(random_.Below(9)) - 4)});
      }
      operation.input_columns.push_back(values.columns);
      operation.inputs.push_back(Node(std::move(values)));
    }
    for (const DataType& type : {kTextType, kBooleanType, kBigIntType}) operation.columns.push_back(federation_.AddColumn(type));
    return Node(std::move(operation));
  }

  LogicalPtr Windowed(LogicalPtr child) {
    planner::WindowNode window;
    window.child = std::move(child);
    const ColumnId partitions[] = {kText, kFlag, kDay, kAmount};
    if (random_.Below(3) != 0) window.partition_by = {partitions[random_.Below(4)]};
    const bool total = random_.Below(2) == 0;  // or peers
    if (total || random_.Below(3) != 0) {
      window.order_by.push_back({OfKind(random_.Below(5), 1), random_.Below(2) == 0, random_.Below(2) == 0});
    }
    if (total) window.order_by.push_back({federation_.ColumnOf(kKey)});
    const auto add = [&](planner::WindowFunction function, ExpressionPtr argument, DataType type) {
      planner::WindowCall call;
      call.function = function;
      call.argument = std::move(argument);
      call.type = type;
      const bool distant = function == planner::WindowFunction::kLag || function == planner::WindowFunction::kLead;
      if (distant) call.distance = random_.Below(4);
      if (distant && random_.Below(2) == 0) call.fallback = MakeLiteral(std::int64_t{-7}, type);
      window.calls.push_back({federation_.AddColumn(type), std::move(call)});
    };
    using planner::WindowFunction;
    add(WindowFunction::kRank, nullptr, kBigIntType);
    add(WindowFunction::kDenseRank, nullptr, kBigIntType);
    add(WindowFunction::kCountStar, nullptr, kBigIntType);
    add(WindowFunction::kCount, OfKind(2, 1), kBigIntType);
    add(WindowFunction::kSum, federation_.ColumnOf(kAmount), kSumType);
    add(WindowFunction::kMin, federation_.ColumnOf(kText), kTextType);
    add(WindowFunction::kMax, Integer(1), kBigIntType);
    if (total) {  // ties are PostgreSQL's to break
      add(WindowFunction::kRowNumber, nullptr, kBigIntType);
      add(WindowFunction::kLag, Integer(1), kBigIntType);
      add(WindowFunction::kLead, Integer(1), kBigIntType);
      add(WindowFunction::kFirstValue, federation_.ColumnOf(kDay), kDateType);
      add(WindowFunction::kLastValue, federation_.ColumnOf(kText), kTextType);
    }
    const ColumnId rank = window.calls[0].column;
    LogicalPtr node = Node(std::move(window));
    if (random_.Below(2) == 0) return node;
    return Node(planner::FilterNode{
        node, MakeCall(Function::kLess, {federation_.ColumnOf(rank), MakeLiteral(std::int64_t{4}, kBigIntType)}, kBooleanType)});
  }

  // What only a database that computes like the reference is handed.
  LogicalPtr Functions(LogicalPtr child) {
    planner::ProjectNode project;
    project.child = std::move(child);
    const auto add = [&](Function function, std::vector<ExpressionPtr> arguments, DataType type) {
      project.columns.push_back({federation_.AddColumn(type), MakeCall(function, std::move(arguments), type)});
    };
    const ExpressionPtr day = OfKind(1, 0);
    const ExpressionPtr text = OfKind(2, 1);
    const auto number = [&](std::int64_t value, DataType type = kIntegerType) { return MakeLiteral(value, type); };
    const auto word = [&](const char* value) { return MakeLiteral(std::string(value), kTextType); };
    add(Function::kDateAddDays, {day, number(static_cast<std::int64_t>(random_.Below(800)) - 400)}, kDateType);
    add(Function::kDateAddInterval,
        {day, MakeLiteral(Interval{static_cast<std::int32_t>(random_.Below(30)) - 15,
                                   static_cast<std::int32_t>(random_.Below(50)) - 25},
                          {TypeKind::kInterval})},
        kDateType);
    add(Function::kDateDifference, {day, OfKind(1, 0)}, kIntegerType);
    constexpr Function kFields[] = {Function::kExtractYear, Function::kExtractMonth, Function::kExtractDay,
                                    Function::kExtractQuarter, Function::kExtractDow};
    for (const Function field : kFields) add(field, {day}, kNumericType);
    const char* const units[] = {"year", "quarter", "month", "day"};
    add(Function::kDateTrunc, {word(units[random_.Below(4)]), day}, kDateType);
    AddTimestamps(project);
    add(Function::kLower, {text}, kTextType);
    add(Function::kUpper, {text}, kTextType);
    add(Function::kLength, {text}, kIntegerType);
    add(Function::kSubstring, {text, number(static_cast<std::int64_t>(random_.Below(4)) - 1), number(static_cast<std::int64_t>(random_.Below(3)))}, kTextType);
    add(Function::kTrim, {text}, kTextType);
    add(Function::kConcat, {text, OfKind(2, 0)}, kTextType);
    add(Function::kReplace, {text, word("a"), word("bb")}, kTextType);
    add(Function::kTrim, {text, word("ab")}, kTextType);
    add(Function::kTrim, {text, word("a\xc3\xa9"), word(random_.Below(2) == 0 ? "leading" : "trailing")}, kTextType);
    const std::int64_t some = static_cast<std::int64_t>(random_.Below(7)) - 3;
    add(Function::kLeft, {text, number(some)}, kTextType);
    add(Function::kRight, {text, number(some)}, kTextType);
    add(Function::kPosition, {text, OfKind(2, 0)}, kIntegerType);
    add(Function::kPadLeft, {text, number(some), word("x\xc3\xa9")}, kTextType);
    add(Function::kPadRight, {text, number(some), word(random_.Below(3) == 0 ? "" : "-")}, kTextType);
    add(Function::kInitCap, {text}, kTextType);
    add(Function::kReverse, {text}, kTextType);
    add(Function::kRepeat, {text, number(some)}, kTextType);
    add(Function::kSplitPart, {text, word(random_.Below(4) == 0 ? "" : "a"), number(random_.Below(2) == 0 ? 1 : 2)}, kTextType);
    const char* const patterns[] = {"a%", "%a", "_", "%", "A_", "\xc3\xa9"};
    add(Function::kLike, {text, word(patterns[random_.Below(6)])}, kBooleanType);
    add(Function::kILike, {text, word(patterns[random_.Below(6)])}, kBooleanType);
    const char* const regular[] = {"a", "^[[:alpha:]]+$", "[^a-y]", "b|z'q", "^.{1,2}$", "\\d", "^\\s?a", "^(a|)b*?$", "[\\w]\\W?", "[^[:alpha:]\\d]", "\xc3\xa9|[\xc3\xa0-\xc3\xbf]"};
    add(Function::kRegex, {text, word(regular[random_.Below(11)])}, kBooleanType);
    add(Function::kRegexIgnoringCase, {text, word(regular[random_.Below(11)])}, kBooleanType);
    const char* const similar[] = {"a%", "(a|A)_?", "[0-9]+", "%(b|q)", "z''q|z'q", "_", "a.a"};
    add(Function::kSimilar, {text, word(similar[random_.Below(7)])}, kBooleanType);
    add(Function::kRound, {OfKind(3, 0), number(1)}, {TypeKind::kNumeric, 0, 1});
    add(Function::kFloor, {OfKind(3, 0)}, {TypeKind::kNumeric, 0, 0});
    add(Function::kCeil, {OfKind(3, 0)}, {TypeKind::kNumeric, 0, 0});
    add(Function::kGreatest, {text, OfKind(2, 0)}, kTextType);
    add(Function::kLeast, {Integer(1), Integer(0)}, kBigIntType);
    add(Function::kDivide, {Integer(1), number(7, kBigIntType)}, kBigIntType);
    add(Function::kModulo, {Integer(1), number(-3, kBigIntType)}, kBigIntType);
    return Node(std::move(project));
  }

  void AddTimestamps(planner::ProjectNode& project) {
    const bool zoned = random_.Below(2) == 0;
    const DataType type = zoned ? kTimestampTzType : kTimestampType;
    const ExpressionPtr moment = federation_.ColumnOf(zoned ? kInstant : kMoment);
    const ExpressionPtr constant =
        MakeLiteral(Timestamp{(18000 + static_cast<std::int64_t>(random_.Below(60))) * kMicrosecondsOfDay + 1, zoned}, type);
    const auto put = [&](ExpressionPtr expression) {
      project.columns.push_back({federation_.AddColumn(expression->type), std::move(expression)});
    };
    const auto cast = [](const ExpressionPtr& operand, const DataType& to) {
      return std::make_shared<const planner::Expression>(planner::Expression{planner::CastExpression{operand}, to, {}});
    };
    const DataType seconds{TypeKind::kNumeric, 0, 6};
    put(MakeCall(Function::kExtractHour, {moment}, kNumericType));
    put(MakeCall(Function::kExtractMinute, {moment}, kNumericType));
    put(MakeCall(Function::kExtractSecond, {moment}, seconds));
    put(MakeCall(Function::kExtractEpoch, {moment}, seconds));
    const char* const units[] = {"hour", "minute", "second"};
    put(MakeCall(Function::kTimestampTrunc, {MakeLiteral(std::string(units[random_.Below(3)]), kTextType), moment}, type));
    const Interval step{static_cast<std::int32_t>(random_.Below(30)) - 15, static_cast<std::int32_t>(random_.Below(50)) - 25,
                        (static_cast<std::int64_t>(random_.Below(200)) - 100) * 900'000'001};
    put(MakeCall(Function::kTimestampAddInterval, {moment, MakeLiteral(step, {TypeKind::kInterval})}, type));
    put(cast(moment, kDateType));
    put(cast(federation_.ColumnOf(kDay), type));
    put(MakeCall(Function::kLess, {moment, constant}, kBooleanType));
    put(MakeCall(Function::kIsDistinct, {moment, cast(federation_.ColumnOf(kDay), type)}, kBooleanType));
    put(MakeCall(Function::kCoalesce, {moment, constant}, type));
    put(MakeCall(Function::kGreatest, {moment, constant}, type));
  }

 private:
  TestFederation& federation_;
  Random random_;
};

}  // namespace care::connectors
