#include "engine/exec/tables/table_evaluator.h"

#include <gtest/gtest.h>

#include "engine/exec/local/expression_evaluator.h"
#include "engine/exec/tables/value_forms.h"
#include "engine/types/date.h"
#include "planner/logical/column_facts.h"
#include "planner/logical/type_rules.h"
#include "planner/physical/table_expressions.h"
#include "tests/unit/exec/table_fixture.h"

namespace care::engine {
namespace {

using planner::ColumnId;
using planner::ColumnInfo;
using planner::ExpressionPtr;
using planner::Function;
using planner::MakeCall;
using planner::MakeLiteral;

constexpr DataType kMoney{TypeKind::kNumeric, 12, 2};
constexpr DataType kRate{TypeKind::kNumeric, 4, 3};
constexpr DataType kText6{TypeKind::kText, 0, 0, 6};

// Random well-typed expressions over the fixture's columns.
class Expressions {
 public:
  Expressions(TableFixture& fixture, std::vector<std::vector<ColumnId>> by_kind)
      : fixture_(fixture), by_kind_(std::move(by_kind)) {}

  enum Kind { kBool, kInt, kNumber, kDay, kString };

  ExpressionPtr Of(Kind kind, int depth) {
    if (depth == 0 || Chance(6)) return Leaf(kind);
    if (Chance(5)) return Choice(kind, depth);
    switch (kind) {
      case kBool:
        return Condition(depth);
      case kInt:
        switch (Pick(10)) {
          case 7: {
            const ExpressionPtr a = Of(kInt, depth - 1), b = Divisor(kInt);
            return MakeCall(Chance(2) ? Function::kDivide : Function::kModulo, {a, b}, *planner::ArithmeticType(Function::kDivide, a->type, b->type));
          }
          case 8:
            return Cast(Of(kNumber, depth - 1), kIntegerType);
          case 0:
            return Arithmetic(Function::kAdd, kInt, depth);
          case 1:
            return Arithmetic(Function::kSubtract, kInt, depth);
          case 2:
            return MakeCall(Function::kMultiply, {Leaf(kInt), Leaf(kInt)}, kIntegerType);
          case 3: {
            const ExpressionPtr a = Of(kInt, depth - 1);
            return MakeCall(Chance(2) ? Function::kNegate : Function::kAbs, {a}, a->type);
          }
          case 4: {
            static constexpr Function kParts[] = {Function::kExtractYear, Function::kExtractMonth, Function::kExtractDay,
                                                  Function::kExtractQuarter, Function::kExtractDow};
            return MakeCall(kParts[Pick(5)], {Leaf(kDay)}, kIntegerType);
          }
          case 5:
            return MakeCall(Function::kDateDifference, {Leaf(kDay), Leaf(kDay)}, kIntegerType);
          default:
            return Cast(Leaf(kBool), kIntegerType);
        }
      case kNumber:
        switch (Pick(8)) {
          case 3:
          case 4: {
            ExpressionPtr a = Of(kNumber, depth - 1);
            if (Chance(2)) a = MakeCall(Function::kDivide, {a, Divisor(kNumber)}, {TypeKind::kNumeric, 0, 0});
            static constexpr Function kRoundings[] = {Function::kFloor, Function::kCeil, Function::kRound};
            const unsigned which = Pick(5);
            if (which < 3) return MakeCall(kRoundings[which], {a}, {TypeKind::kNumeric, 0, 0});
            const std::int64_t digits = fixture_.Between(-2, 4);
            return MakeCall(Function::kRound, {a, MakeLiteral(digits, kIntegerType)},
                            {TypeKind::kNumeric, 0, static_cast<std::uint8_t>(std::max<std::int64_t>(digits, 0))});
          }
          case 5: {
            const ExpressionPtr a = Of(kNumber, depth - 1), b = Divisor(kNumber);
            return MakeCall(Function::kModulo, {a, b}, *planner::ArithmeticType(Function::kModulo, a->type, b->type));
          }
          case 6:
            return Cast(Of(kNumber, depth - 1), {TypeKind::kNumeric, 14, static_cast<std::uint8_t>(Pick(3))});
          case 0:
            return Arithmetic(Function::kAdd, kNumber, depth);
          case 1:
            return Arithmetic(Function::kSubtract, kNumber, depth);
          case 2: {
            const ExpressionPtr a = Leaf(kNumber), b = Leaf(kNumber);
            return MakeCall(Function::kMultiply, {a, b}, *planner::ArithmeticType(Function::kMultiply, a->type, b->type));
          }
          default: {
            const ExpressionPtr a = Of(kInt, depth - 1);
            return Cast(a, {TypeKind::kNumeric, 0, 0});
          }
        }
      case kDay:
        switch (Pick(3)) {
          case 0:
            return MakeCall(Function::kDateAddDays, {Leaf(kDay), MakeLiteral(fixture_.Between(-40, 40), kIntegerType)},
                            kDateType);
          case 1: {
            static constexpr const char* kUnits[] = {"year", "quarter", "month", "week", "day"};
            return MakeCall(Function::kDateTrunc, {MakeLiteral(std::string(kUnits[Pick(5)]), kTextType), Leaf(kDay)},
                            kDateType);
          }
          default:
            return MakeCall(Function::kDateAddInterval,
                            {Leaf(kDay), MakeLiteral(Interval{static_cast<std::int32_t>(fixture_.Between(-14, 14)),
                                                              static_cast<std::int32_t>(fixture_.Between(-3, 3))},
                                                     {TypeKind::kInterval})},
                            kDateType);
        }
      case kString:
        return Leaf(kString);
    }
    return Leaf(kind);
  }

 private:
  bool Chance(unsigned n) { return fixture_.random() % n == 0; }
  unsigned Pick(unsigned n) { return static_cast<unsigned>(fixture_.random() % n); }

  ExpressionPtr Cast(const ExpressionPtr& operand, const DataType& to) {
    if (operand->type == to) return operand;
    return std::make_shared<const planner::Expression>(planner::Expression{planner::CastExpression{operand}, to, {}});
  }

  ExpressionPtr Leaf(Kind kind) {
    if (Chance(5)) return Literal(kind);
    const std::vector<ColumnId>& columns = by_kind_[kind];
    const ColumnId column = columns[Pick(static_cast<unsigned>(columns.size()))];
    return planner::MakeColumn(column, fixture_.plan.columns[column].type);
  }

  ExpressionPtr Literal(Kind kind) {
    const bool null = Chance(6);
    switch (kind) {
      case kBool:
        return null ? MakeLiteral(Null{}, kBooleanType) : MakeLiteral(Chance(2), kBooleanType);
      case kInt:
        return null ? MakeLiteral(Null{}, kIntegerType) : MakeLiteral(fixture_.Between(-30, 30), kIntegerType);
      case kNumber:
        if (null) return MakeLiteral(Null{}, kMoney);
        if (Chance(2)) return MakeLiteral(Decimal{fixture_.Between(-9999, 9999), 3}, {TypeKind::kNumeric, 0, 3});
        return MakeLiteral(Decimal{fixture_.Between(-99, 99), 1}, {TypeKind::kNumeric, 0, 1});
      case kDay:
        return null ? MakeLiteral(Null{}, kDateType)
                    : MakeLiteral(Date{static_cast<std::int32_t>(fixture_.Between(8000, 10700))}, kDateType);
      case kString: {
        static constexpr const char* kTexts[] = {"", "a", "ab", "cba", "abcabcab", "green", "red", "zz"};
        return null ? MakeLiteral(Null{}, kTextType) : MakeLiteral(std::string(kTexts[Pick(8)]), kTextType);
      }
    }
    return nullptr;
  }

  // A constant, or a column that is NULL instead of 0.
  ExpressionPtr Divisor(Kind kind) {
    static constexpr std::int64_t kNumbers[] = {1, -1, 2, 3, -7, 10, 12, 100, 365};
    const std::int64_t number = kNumbers[Pick(9)];
    if (Chance(2)) {
      if (kind == kInt) return MakeLiteral(number, kIntegerType);
      return MakeLiteral(Decimal{number, 1}, {TypeKind::kNumeric, 0, 1});
    }
    const ExpressionPtr a = Leaf(kind);
    const ExpressionPtr zero = kind == kInt ? MakeLiteral(std::int64_t{0}, kIntegerType) : MakeLiteral(Decimal{0, 0}, {TypeKind::kNumeric, 0, 0});
    return MakeCall(Function::kNullIf, {a, zero}, a->type);
  }

  ExpressionPtr Arithmetic(Function function, Kind kind, int depth) {
    const ExpressionPtr a = Of(kind, depth - 1), b = Of(kind, depth - 1);
    return MakeCall(function, {a, b}, *planner::ArithmeticType(function, a->type, b->type));
  }

  DataType Common(const std::vector<ExpressionPtr>& all) {
    DataType type = all[0]->type;
    for (const ExpressionPtr& one : all) type = *planner::CommonType(type, one->type);
    return type;
  }

  ExpressionPtr Coerced(const ExpressionPtr& one, const DataType& to) { return *planner::Coerce(one, to); }

  ExpressionPtr Choice(Kind kind, int depth) {
    std::vector<ExpressionPtr> results{Of(kind, depth - 1), Of(kind, depth - 1), Of(kind, depth - 1)};
    const DataType type = Common(results);
    for (ExpressionPtr& result : results) result = Coerced(result, type);
    switch (Pick(kind == kBool ? 2 : 5)) {
      case 0: {
        planner::CaseExpression chosen;
        chosen.branches.push_back({Of(kBool, depth - 1), results[0]});
        chosen.branches.push_back({Of(kBool, depth - 1), results[1]});
        chosen.otherwise = Chance(3) ? MakeLiteral(Null{}, type) : results[2];
        return std::make_shared<const planner::Expression>(planner::Expression{chosen, type, {}});
      }
      case 1:
        return MakeCall(Function::kCoalesce, results, type);
      case 2:
        return MakeCall(Function::kGreatest, results, type);
      case 3:
        return MakeCall(Function::kLeast, results, type);
      default:
        return MakeCall(Function::kNullIf, {results[0], results[1]}, results[0]->type);
    }
  }

  ExpressionPtr Condition(int depth) {
    const auto kind = static_cast<Kind>(Pick(5));
    switch (Pick(6)) {
      case 0: {
        std::vector<ExpressionPtr> parts{Of(kBool, depth - 1), Of(kBool, depth - 1)};
        if (Chance(2)) parts.push_back(Of(kBool, depth - 1));
        return MakeCall(Chance(2) ? Function::kAnd : Function::kOr, parts, kBooleanType);
      }
      case 1: {
        static constexpr Function kTests[] = {Function::kNot, Function::kIsTrue, Function::kIsFalse, Function::kIsUnknown};
        return MakeCall(kTests[Pick(4)], {Of(kBool, depth - 1)}, kBooleanType);
      }
      case 2:
        return MakeCall(Chance(2) ? Function::kIsNull : Function::kIsNotNull, {Of(kind, depth - 1)}, kBooleanType);
      case 3: {
        const ExpressionPtr operand = Of(kind, depth - 1);
        planner::InListExpression list{operand, {}};
        for (int i = 0; i < 4; ++i) {
          const ExpressionPtr literal = Literal(kind);
          list.values.push_back(std::get<planner::LiteralExpression>(literal->node).value);
        }
        return std::make_shared<const planner::Expression>(planner::Expression{list, kBooleanType, {}});
      }
      default: {
        static constexpr Function kRelations[] = {
            Function::kEqual,   Function::kNotEqual,        Function::kLess,       Function::kLessOrEqual,
            Function::kGreater, Function::kGreaterOrEqual, Function::kIsDistinct, Function::kIsNotDistinct};
        return MakeCall(kRelations[Pick(8)], {Of(kind, depth - 1), Of(kind, depth - 1)}, kBooleanType);
      }
    }
  }

  TableFixture& fixture_;
  std::vector<std::vector<ColumnId>> by_kind_;
};

std::vector<std::vector<ColumnId>> AddColumns(TableFixture& fixture, std::size_t rows) {
  fixture.batch.rows = rows;
  std::vector<std::vector<ColumnId>> by_kind(5);
  by_kind[0] = {fixture.Add({.type = kBooleanType}, 3), fixture.Add({.type = kBooleanType}, 0)};
  by_kind[1] = {fixture.Add({.type = kIntegerType, .min = -5, .max = 20}, 4),
                fixture.Add({.type = kIntegerType, .min = 10, .max = 1000}, 0),
                fixture.Add({.type = {TypeKind::kSmallInt}, .min = -32768, .max = 32767}, 6)};
  by_kind[2] = {fixture.Add({.type = kMoney, .min = -500000, .max = 12345678}, 4),
                fixture.Add({.type = kRate, .min = 0, .max = 100}, 0)};
  by_kind[3] = {fixture.Add({.type = kDateType, .min = 8766, .max = 10591}, 5),
                fixture.Add({.type = kDateType, .min = 10000, .max = 10060}, 0)};
  by_kind[4] = {fixture.Add({.type = kTextType, .domain = {"red", "green", "blue"}}, 4),
                fixture.Add({.type = kTextType, .domain = {"green", "ab", "yellow", ""}}, 0),
                fixture.Add({.type = kText6, .max_bytes = 6}, 4), fixture.Add({.type = kText6, .max_bytes = 3}, 0)};
  return by_kind;
}

// What both must give at every row: known, then the offset under the column's shape.
absl::StatusOr<mpc::Integers> Expected(const ExpressionPtr& expression, const ColumnInfo& info, const ColumnBatch& batch) {
  CARE_ASSIGN_OR_RETURN(const Column column, EvaluateExpression(expression, batch));
  CARE_ASSIGN_OR_RETURN(const planner::SharedValueShape shape, planner::ShapeOfColumn(info));
  mpc::Integers expected;
  for (std::size_t row = 0; row < batch.rows; ++row) expected.push_back(column.IsNull(row) ? 0 : 1);
  for (std::size_t row = 0; row < batch.rows; ++row) expected.push_back(Offset(column.At(row), shape));
  return expected;
}

void RunRandomExpressions(unsigned seed, int form) {
  TableFixture fixture(seed);
  Expressions draw(fixture, AddColumns(fixture, 90));
  const std::size_t inputs = fixture.plan.columns.size();
  std::vector<bool> bits(inputs), ring(inputs);
  for (std::size_t i = 0; i < inputs; ++i) {
    bits[i] = form == 0 || (form == 2 && fixture.random() % 2 == 0);
    ring[i] = form == 1 || !bits[i] || (form == 2 && fixture.random() % 3 == 0);
  }
  std::vector<ExpressionPtr> expressions;
  mpc::Integers expected;
  int refused = 0;
  for (int tries = 0; expressions.size() < 40; ++tries) {
    ASSERT_LT(tries, 4000);
    const auto kind = static_cast<Expressions::Kind>(tries % 5);
    const ExpressionPtr expression = draw.Of(kind, 3);
    if (!planner::CanEvaluateJointly(expression, fixture.plan.columns).ok() ||
        planner::FindRaising(expression, fixture.plan.columns)) {
      ++refused;
      continue;
    }
    const ColumnInfo info = planner::JointColumn(expression, fixture.plan.columns);
    const auto clear = Expected(expression, info, fixture.batch);
    if (!clear.ok()) continue;  // the clear evaluator stores at a type's scale what this one need not
    expressions.push_back(expression);
    expected.insert(expected.end(), clear->begin(), clear->end());
  }
  planner::PhysicalPlan plan = fixture.plan;
  for (const ExpressionPtr& expression : expressions)
    plan.columns.push_back(planner::JointColumn(expression, fixture.plan.columns));
  mpc::ExpectOnBoth(
      [&](mpc::Protocol& protocol) -> absl::StatusOr<mpc::Integers> {
        mpc::Integers opened;
        for (std::size_t i = 0; i < expressions.size(); ++i) {
          CARE_ASSIGN_OR_RETURN(SharedTable table, fixture.Share(protocol, 100, bits, ring));
          TableEvaluator evaluator(protocol, plan, table);
          const auto id = static_cast<ColumnId>(inputs + i);
          CARE_ASSIGN_OR_RETURN(SharedValue value, evaluator.Evaluate(expressions[i], plan.columns[id]));
          mpc::Integers known(table.slots, 1);
          if (value.not_null) {
            CARE_ASSIGN_OR_RETURN(known, mpc::OpenForTest(protocol, *value.not_null));
          }
          table.columns[id] = std::move(value);
          CARE_ASSIGN_OR_RETURN(const mpc::BitColumn* const planes, BitsOf(protocol, plan, table, id));
          CARE_ASSIGN_OR_RETURN(const mpc::Integers offsets, mpc::OpenForTest(protocol, *planes));
          opened.insert(opened.end(), known.begin(), known.begin() + 90);
          opened.insert(opened.end(), offsets.begin(), offsets.begin() + 90);
        }
        return opened;
      },
      expected);
  if (!testing::Test::HasFailure()) return;
  // Which one, on the clear protocol alone.
  std::size_t at = 0;
  for (std::size_t i = 0; i < expressions.size(); ++i, at += 180) {
    mpc::Plain protocol({mpc::TestDisclosure()});
    auto table = fixture.Share(protocol, 100, bits, ring);
    TableEvaluator evaluator(protocol, plan, *table);
    const auto id = static_cast<ColumnId>(inputs + i);
    const auto value = evaluator.Evaluate(expressions[i], plan.columns[id]);
    if (!value.ok()) {
      ADD_FAILURE() << planner::PrintExpression(expressions[i], plan.columns) << ": " << value.status();
      continue;
    }
    mpc::Integers known(100, 1);
    if (value->not_null) known = *mpc::OpenForTest(protocol, *value->not_null);
    table->columns[id] = *value;
    const mpc::Integers offsets = *mpc::OpenForTest(protocol, **BitsOf(protocol, plan, *table, id));
    for (std::size_t row = 0; row < 90; ++row) {
      if (known[row] == expected[at + row] && offsets[row] == expected[at + 90 + row]) continue;
      ADD_FAILURE() << planner::PrintExpression(expressions[i], plan.columns) << " row " << row << ": known "
                    << known[row] << " not " << expected[at + row] << ", " << offsets[row] << " not "
                    << expected[at + 90 + row];
      break;
    }
  }
}

TEST(TableEvaluator, RandomExpressionsOverBits) {
  for (unsigned seed = 1; seed <= 4; ++seed) RunRandomExpressions(seed, 0);
}
TEST(TableEvaluator, RandomExpressionsOverTheRing) {
  for (unsigned seed = 11; seed <= 14; ++seed) RunRandomExpressions(seed, 1);
}
TEST(TableEvaluator, RandomExpressionsOverBoth) {
  for (unsigned seed = 21; seed <= 26; ++seed) RunRandomExpressions(seed, 2);
}

TEST(TableEvaluator, RefusesByName) {
  TableFixture fixture(1);
  AddColumns(fixture, 4);
  const ExpressionPtr a = planner::MakeColumn(2, kIntegerType);
  const auto message = [&](const ExpressionPtr& expression) {
    return std::string(planner::CanEvaluateJointly(expression, fixture.plan.columns).message());
  };
  const ExpressionPtr money = planner::MakeColumn(5, kMoney);
  EXPECT_NE(message(MakeCall(Function::kLess, {MakeCall(Function::kDivide, {money, money}, kNumericType), money}, kBooleanType)).find("a quotient beside columns of several owners"),
            std::string::npos);
  EXPECT_EQ(message(MakeCall(Function::kLower, {planner::MakeColumn(9, kTextType)}, kTextType)).empty(), false);
  fixture.Add({.type = kBigIntType, .min = 0, .max = 1}, 0);
  fixture.plan.columns.back().min.reset();
  fixture.plan.columns.back().max.reset();
  const ExpressionPtr unbounded =
      planner::MakeColumn(static_cast<ColumnId>(fixture.plan.columns.size() - 1), kBigIntType);
  EXPECT_NE(message(MakeCall(Function::kLess, {unbounded, a}, kBooleanType)).find("the declared ranges do not prove"), std::string::npos)
      << message(MakeCall(Function::kLess, {unbounded, a}, kBooleanType));
}

}  // namespace
}  // namespace care::engine
