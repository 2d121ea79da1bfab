// Random expressions over shared columns, on both protocols, against the same expression evaluated row by row
// in the clear: three-valued conditions, and numbers with their NULLs. What the planner's collector refuses
// is skipped; what it admits must be computed, from exactly the forms that it asked for.
#include "engine/exec/joint_expression.h"

#include <gtest/gtest.h>

#include <random>

#include "connectors/connector.h"
#include "engine/exec/local/scalar.h"
#include "engine/exec/share_columns.h"
#include "engine/types/status_macros.h"
#include "planner/physical/joint_expressions.h"
#include "tests/unit/mpc/three_parties.h"

namespace care::engine {
namespace {

using planner::CaseExpression;
using planner::ColumnId;
using planner::ExpressionPtr;
using planner::Form;
using planner::Function;
using planner::MakeCall;
using planner::MakeColumn;
using planner::MakeLiteral;

constexpr std::size_t kRows = 70;  // more than a word of bits
constexpr std::size_t kSlots = 80;
constexpr DataType kMoneyType{TypeKind::kNumeric, 7, 2};

enum : ColumnId { kFlag, kSureFlag, kInt, kSureInt, kMoney, kSureMoney, kDay, kSureDay, kColumnCount };

std::vector<planner::ColumnInfo> Columns() {
  std::vector<planner::ColumnInfo> columns;
  const auto add = [&](const char* name, DataType type, bool nullable, std::int64_t min, std::int64_t max) {
    planner::ColumnInfo info;
    info.name = name;
    info.type = type;
    info.nullable = nullable;
    info.min = min;
    info.max = max;
    columns.push_back(info);
  };
  add("flag", kBooleanType, true, 0, 1);
  add("sure_flag", kBooleanType, false, 0, 1);
  add("int", kBigIntType, true, -5, 5);
  add("sure_int", kBigIntType, false, 0, 3);
  add("money", kMoneyType, true, -300, 400);
  add("sure_money", kMoneyType, false, -100, 100);
  add("day", kDateType, true, 19'000, 19'010);
  add("sure_day", kDateType, false, 18'995, 19'005);
  return columns;
}

ColumnBatch RandomRows(std::mt19937_64& random, const std::vector<planner::ColumnInfo>& columns) {
  ColumnBatch batch;
  batch.rows = kRows;
  for (ColumnId id = 0; id < columns.size(); ++id) {
    Column column;
    column.name = connectors::ColumnName(id);
    column.type = columns[id].type;
    for (std::size_t row = 0; row < kRows; ++row) {
      const bool null = columns[id].nullable && random() % 4 == 0;
      const auto span = static_cast<std::uint64_t>(*columns[id].max - *columns[id].min + 1);
      column.integers.push_back(null ? 0 : *columns[id].min + static_cast<std::int64_t>(random() % span));
      if (columns[id].nullable) column.nulls.push_back(null ? 1 : 0);
    }
    batch.columns.push_back(std::move(column));
  }
  return batch;
}

class ExpressionGenerator {
 public:
  explicit ExpressionGenerator(std::mt19937_64& random) : random_(random), columns_(Columns()) {}

  ExpressionPtr Condition(int depth) {
    if (depth == 0) return random_() % 4 == 0 ? Truth() : Column(random_() % 2 == 0 ? kFlag : kSureFlag);
    const auto below = [&] { return Condition(depth - 1); };
    switch (random_() % 12) {
      case 0:
        return Call(Function::kAnd, {below(), below()});
      case 1:
        return Call(Function::kOr, {below(), below()});
      case 2:
        return Call(Function::kAnd, {below(), below(), below()});
      case 3:
        return Call(Function::kOr, {below(), below(), below()});
      case 4:
        return Call(Function::kNot, {below()});
      case 5: {
        static constexpr Function kTests[] = {Function::kIsTrue, Function::kIsFalse, Function::kIsUnknown,
                                              Function::kIsNull, Function::kIsNotNull};
        return Call(kTests[random_() % 5], {below()});
      }
      case 6:
        return Call(random_() % 2 == 0 ? Function::kIsNull : Function::kIsNotNull, {Number(depth - 1)});
      case 7: {
        const ColumnId id = static_cast<ColumnId>(kInt + random_() % 6);
        std::vector<Value> values;
        for (std::size_t i = random_() % 3 + 1; i > 0; --i) values.push_back(LiteralLike(id));
        return std::make_shared<const planner::Expression>(
            planner::Expression{planner::InListExpression{Column(id), values}, kBooleanType});
      }
      case 8:
        return Compare(Column(random_() % 2 == 0 ? kDay : kSureDay),
                       random_() % 2 == 0 ? Column(random_() % 2 == 0 ? kDay : kSureDay)
                                          : MakeLiteral(LiteralLike(kDay), kDateType));
      default:
        return Compare(Number(depth - 1), Number(depth - 1));
    }
  }

  ExpressionPtr Number(int depth) {
    if (depth == 0) {
      if (random_() % 4 != 0) return Column(static_cast<ColumnId>(kInt + random_() % 4));
      const ColumnId like = random_() % 2 == 0 ? kInt : kMoney;
      return MakeLiteral(LiteralLike(like), columns_[like].type);
    }
    const auto below = [&] { return Number(depth - 1); };
    switch (random_() % 8) {
      case 0:
        return Arithmetic(Function::kAdd, below(), below());
      case 1:
        return Arithmetic(Function::kSubtract, below(), below());
      case 2:
        return Arithmetic(Function::kMultiply, below(), below());
      case 3: {
        const ExpressionPtr operand = below();
        return MakeCall(Function::kNegate, {operand}, operand->type);
      }
      case 4: {
        std::vector<ExpressionPtr> arguments{below(), below()};
        if (random_() % 2 == 0) arguments.push_back(below());
        if (random_() % 3 == 0) arguments.back() = MakeLiteral(std::int64_t{0}, kBigIntType);
        return MakeCall(Function::kCoalesce, arguments, Common(arguments));
      }
      case 5:
      case 6: {
        CaseExpression chosen;
        std::vector<ExpressionPtr> results;
        for (std::size_t i = random_() % 2 + 1; i > 0; --i) {
          results.push_back(below());
          chosen.branches.push_back({Condition(depth - 1), results.back()});
        }
        if (random_() % 3 == 0) {
          chosen.otherwise = MakeLiteral(Null{}, Common(results));
        } else {
          results.push_back(below());
          chosen.otherwise = results.back();
        }
        return std::make_shared<const planner::Expression>(planner::Expression{chosen, Common(results)});
      }
      default:
        return below();
    }
  }

 private:
  ExpressionPtr Column(ColumnId id) { return MakeColumn(id, columns_[id].type); }
  ExpressionPtr Call(Function function, std::vector<ExpressionPtr> arguments) {
    return MakeCall(function, std::move(arguments), kBooleanType);
  }
  ExpressionPtr Compare(ExpressionPtr left, ExpressionPtr right) {
    static constexpr Function kComparisons[] = {Function::kEqual,   Function::kNotEqual,
                                                Function::kLess,    Function::kLessOrEqual,
                                                Function::kGreater, Function::kGreaterOrEqual};
    return Call(kComparisons[random_() % 6], {std::move(left), std::move(right)});
  }
  ExpressionPtr Truth() {
    const std::uint64_t truth = random_() % 3;
    return truth == 2 ? MakeLiteral(Null{}, kBooleanType) : MakeLiteral(truth == 1, kBooleanType);
  }
  Value LiteralLike(ColumnId id) {
    const auto near = [&](std::int64_t from, std::int64_t to) {
      return from + static_cast<std::int64_t>(random_() % static_cast<std::uint64_t>(to - from + 1));
    };
    if (id == kMoney || id == kSureMoney) return Decimal{near(-120, 120), 2};
    if (id == kDay || id == kSureDay) return Date{static_cast<std::int32_t>(near(18'990, 19'015))};
    return near(-4, 4);
  }
  static DataType Common(const std::vector<ExpressionPtr>& all) {
    DataType common = kBigIntType;
    for (const ExpressionPtr& one : all) {
      if (one->type.kind != TypeKind::kNumeric) continue;
      common = {TypeKind::kNumeric, 0, std::max(one->type.scale, common.scale)};
    }
    return common;
  }
  static ExpressionPtr Arithmetic(Function function, ExpressionPtr left, ExpressionPtr right) {
    DataType type = Common({left, right});
    if (function == Function::kMultiply) type.scale = left->type.scale + right->type.scale;
    return MakeCall(function, {std::move(left), std::move(right)}, type);
  }

  std::mt19937_64& random_;
  const std::vector<planner::ColumnInfo> columns_;
};

// One expression ready to run: the plan's facts and the forms.
struct Prepared {
  planner::PhysicalPlan plan;
  std::vector<planner::SharedForm> forms;
};

std::optional<Prepared> Prepare(const ExpressionPtr& expression, bool condition) {
  Prepared prepared;
  prepared.plan.columns = Columns();
  const auto share = [&](const planner::SharedForm& form) {
    for (planner::SharedForm& known : prepared.forms) {
      if (known.column != form.column || known.form != form.form) continue;
      known.null_plane = known.null_plane || form.null_plane;
      return;
    }
    prepared.forms.push_back(form);
  };
  planner::FormCollector collector(prepared.plan.columns, "", share);
  if (!(condition ? collector.Truth(expression) : collector.Ring(expression, true)).ok()) return std::nullopt;
  prepared.plan.comparison_ranges = collector.ranges();
  for (planner::SharedForm& form : prepared.forms) {
    if (form.form != Form::kBits) continue;
    const DataType& type = prepared.plan.columns[form.column].type;
    const planner::ComparisonRange* range = planner::FindRange(collector.ranges(), type, type.scale);
    EXPECT_NE(range, nullptr);
    form.base = range->base;
    form.width = range->width;
  }
  return prepared;
}

// By slot: truths as true, false; or numbers as value, known.
using Answers = std::vector<std::vector<std::uint64_t>>;

absl::StatusOr<Answers> Evaluate(mpc::Protocol& protocol, const ExpressionPtr& expression, bool condition,
                                 const Prepared& prepared, const ColumnBatch& batch,
                                 const std::vector<std::int32_t>& row_of_slot) {
  CARE_ASSIGN_OR_RETURN(const EncodedColumns encoded,
                        EncodeColumns(batch, row_of_slot, prepared.forms, {}, prepared.plan.columns));
  SlotSpace space;
  space.slots = row_of_slot.size();
  mpc::BitColumn bits;
  if (encoded.bits.width() > 0) {
    CARE_ASSIGN_OR_RETURN(bits, protocol.InputBits(0, mpc::IfHeld(protocol, 0, encoded.bits), space.slots,
                                                   encoded.bits.width()));
  }
  unsigned plane = 0, ring = 0;
  for (const planner::SharedForm& form : prepared.forms) {
    SharedColumn& column = space.columns[form.column];
    if (form.form == Form::kRing) {
      CARE_ASSIGN_OR_RETURN(
          column.ring, protocol.InputRing(0, mpc::IfHeld(protocol, 0, encoded.rings[ring++]), space.slots));
    } else {
      (form.form == Form::kFlag ? column.flag : column.bits) = bits.Planes(plane, form.width);
      plane += form.width;
    }
    if (form.null_plane) column.not_null = bits.Planes(plane++, 1);
  }
  JointEvaluator evaluator(protocol, prepared.plan, space);
  Answers answers;
  if (condition) {
    CARE_ASSIGN_OR_RETURN(const mpc::BitColumn yes, evaluator.IsTrue(expression));
    CARE_ASSIGN_OR_RETURN(const mpc::BitColumn no, evaluator.IsFalse(expression));
    for (const mpc::BitColumn* column : {&yes, &no}) {
      CARE_ASSIGN_OR_RETURN(std::vector<std::uint64_t> opened, mpc::OpenForTest(protocol, *column));
      answers.push_back(std::move(opened));
    }
    return answers;
  }
  CARE_ASSIGN_OR_RETURN(const mpc::RingColumn value, evaluator.Ring(expression));
  CARE_ASSIGN_OR_RETURN(const std::optional<mpc::BitColumn> known, evaluator.NotNull(expression));
  CARE_ASSIGN_OR_RETURN(std::vector<std::uint64_t> values, mpc::OpenForTest(protocol, value));
  answers.push_back(std::move(values));
  answers.emplace_back(space.slots, 1);
  if (known) {
    CARE_ASSIGN_OR_RETURN(answers[1], mpc::OpenForTest(protocol, *known));
  }
  return answers;
}

void ExpectRowByRow(const ExpressionPtr& expression, bool condition, const Prepared& prepared,
                    const ColumnBatch& batch, const std::vector<std::int32_t>& row_of_slot,
                    const Answers& answers) {
  for (std::size_t slot = 0; slot < row_of_slot.size(); ++slot) {
    if (row_of_slot[slot] == kNoRow) continue;
    const auto row = static_cast<std::size_t>(row_of_slot[slot]);
    const auto clear = EvaluateScalar(
        expression, [&](ColumnId id) -> absl::StatusOr<Value> { return batch.columns[id].At(row); });
    ASSERT_TRUE(clear.ok()) << clear.status();
    std::string values;
    for (const Column& column : batch.columns) {
      values += " " + column.name + "=" + (column.IsNull(row) ? "NULL" : FormatValue(column.At(row)));
    }
    SCOPED_TRACE("expected " + (IsNull(*clear) ? "NULL" : FormatValue(*clear)) + " at" + values);
    if (condition) {
      const auto* truth = std::get_if<bool>(&*clear);
      ASSERT_EQ(answers[0][slot], truth != nullptr && *truth ? 1u : 0u);
      ASSERT_EQ(answers[1][slot], truth != nullptr && !*truth ? 1u : 0u);
      continue;
    }
    ASSERT_EQ(answers[1][slot], IsNull(*clear) ? 0u : 1u);
    if (IsNull(*clear)) continue;
    const std::uint8_t scale = planner::RingScale(expression, prepared.plan.columns);
    const auto* integer = std::get_if<std::int64_t>(&*clear);
    const Decimal exact = integer != nullptr ? Decimal{*integer, 0} : std::get<Decimal>(*clear);
    ASSERT_LE(exact.scale, scale);
    const auto aligned = RescaleDecimal(exact, scale);
    ASSERT_TRUE(aligned.ok());
    ASSERT_EQ(static_cast<std::int64_t>(answers[0][slot]), static_cast<std::int64_t>(aligned->unscaled));
  }
}

// Rows stand in any slots, with gaps.
std::vector<std::int32_t> RandomSlots(std::mt19937_64& random) {
  std::vector<std::int32_t> slots(kSlots, kNoRow);
  for (std::size_t row = 0; row < kRows; ++row) slots[row] = static_cast<std::int32_t>(row);
  std::shuffle(slots.begin(), slots.end(), random);
  return slots;
}

void Check(bool condition, std::uint64_t seed, int expressions, int every_nth_on_shares) {
  std::mt19937_64 random(seed);
  ExpressionGenerator generator(random);
  const ColumnBatch batch = RandomRows(random, Columns());
  int admitted = 0;
  for (int i = 0; i < expressions; ++i) {
    const int depth = 1 + static_cast<int>(random() % 3);
    const ExpressionPtr expression = condition ? generator.Condition(depth) : generator.Number(depth);
    const std::optional<Prepared> prepared = Prepare(expression, condition);
    if (!prepared) continue;
    ++admitted;
    const std::vector<std::int32_t> slots = RandomSlots(random);
    SCOPED_TRACE(testing::Message() << "expression " << i << ": "
                                    << planner::PrintExpression(expression, prepared->plan.columns));
    mpc::Plain plain({mpc::TestDisclosure()});
    const auto in_the_clear = Evaluate(plain, expression, condition, *prepared, batch, slots);
    ASSERT_TRUE(in_the_clear.ok()) << in_the_clear.status();
    ExpectRowByRow(expression, condition, *prepared, batch, slots, *in_the_clear);
    if (testing::Test::HasFatalFailure()) return;
    if (admitted % every_nth_on_shares != 0) continue;
    auto run = mpc::RunThreeParties(
        [&](mpc::Protocol& protocol) {
          return Evaluate(protocol, expression, condition, *prepared, batch, slots);
        },
        {.seed = static_cast<std::uint64_t>(i) + 1});
    ASSERT_TRUE(run.ok()) << run.status();
    EXPECT_EQ(run.value(0), *in_the_clear);
    EXPECT_EQ(run.value(1), *in_the_clear);
    EXPECT_EQ(run.value(2), *in_the_clear);
  }
  EXPECT_GT(admitted, expressions / 3) << "the generator makes what the planner refuses";
}

TEST(JointExpression, ConditionsAreThreeValued) { Check(/*condition=*/true, 31, 4'000, 25); }

TEST(JointExpression, NumbersAndTheirNulls) { Check(/*condition=*/false, 32, 4'000, 25); }

// By name, what the random ones must contain.
TEST(JointExpression, TestsOfUnknown) {
  std::mt19937_64 random(33);
  const ColumnBatch batch = RandomRows(random, Columns());
  const std::vector<std::int32_t> slots = RandomSlots(random);
  const ExpressionPtr flag = MakeColumn(kFlag, kBooleanType);
  const ExpressionPtr number = MakeColumn(kInt, kBigIntType);
  const ExpressionPtr compared =
      MakeCall(Function::kLess, {number, MakeLiteral(std::int64_t{1}, kBigIntType)}, kBooleanType);
  const ExpressionPtr is_null = MakeCall(Function::kIsNull, {number}, kBooleanType);
  const ExpressionPtr in_list = std::make_shared<const planner::Expression>(planner::Expression{
      planner::InListExpression{number, {std::int64_t{1}, std::int64_t{-2}}}, kBooleanType});
  std::vector<ExpressionPtr> all;
  for (const ExpressionPtr& operand :
       {flag, compared, is_null, in_list, MakeCall(Function::kAnd, {flag, compared}, kBooleanType),
        MakeCall(Function::kOr, {flag, is_null}, kBooleanType),
        MakeCall(Function::kNot, {flag}, kBooleanType), MakeCall(Function::kIsUnknown, {flag}, kBooleanType),
        MakeCall(Function::kIsTrue, {compared}, kBooleanType)}) {
    for (const Function test : {Function::kIsNull, Function::kIsNotNull, Function::kIsUnknown,
                                Function::kIsTrue, Function::kIsFalse, Function::kNot}) {
      all.push_back(MakeCall(test, {operand}, kBooleanType));
    }
  }
  for (const ExpressionPtr& expression : all) {
    const std::optional<Prepared> prepared = Prepare(expression, true);
    ASSERT_TRUE(prepared.has_value());
    SCOPED_TRACE(planner::PrintExpression(expression, prepared->plan.columns));
    mpc::Plain plain({mpc::TestDisclosure()});
    const auto answers = Evaluate(plain, expression, true, *prepared, batch, slots);
    ASSERT_TRUE(answers.ok()) << answers.status();
    ExpectRowByRow(expression, true, *prepared, batch, slots, *answers);
  }
}

// Constants near the ends of 64 bits, alone and beside another comparison of the same scale.
TEST(JointExpression, ConstantsOfManyDigits) {
  std::mt19937_64 random(34);
  const ColumnBatch batch = RandomRows(random, Columns());
  const std::vector<std::int32_t> slots = RandomSlots(random);
  const auto difference = [](ColumnId a, ColumnId b, DataType type) {
    return MakeCall(Function::kSubtract, {MakeColumn(a, type), MakeColumn(b, type)}, type);
  };
  const ExpressionPtr money = difference(kMoney, kSureMoney, kMoneyType);
  const ExpressionPtr number = difference(kInt, kSureInt, kBigIntType);
  const auto beside = [&](const ExpressionPtr& left, std::int64_t constant) {
    const ExpressionPtr less =
        MakeCall(Function::kLess, {left, MakeLiteral(constant, kBigIntType)}, kBooleanType);
    const ExpressionPtr near =
        MakeCall(Function::kLess, {left, MakeLiteral(std::int64_t{1}, kBigIntType)}, kBooleanType);
    return MakeCall(Function::kAnd, {less, near}, kBooleanType);
  };
  for (const auto& [left, constant] : std::vector<std::pair<ExpressionPtr, std::int64_t>>{
           {money, 92'233'720'368'547'758}, {money, -92'233'720'368'547'758}, {number, INT64_MAX}, {number, -INT64_MAX}}) {
    const ExpressionPtr expression = beside(left, constant);
    const std::optional<Prepared> prepared = Prepare(expression, true);
    ASSERT_TRUE(prepared.has_value());
    SCOPED_TRACE(planner::PrintExpression(expression, prepared->plan.columns));
    mpc::Plain plain({mpc::TestDisclosure()});
    const auto answers = Evaluate(plain, expression, true, *prepared, batch, slots);
    ASSERT_TRUE(answers.ok()) << answers.status();
    ExpectRowByRow(expression, true, *prepared, batch, slots, *answers);
  }
  // Modulo 2^64 the first, in hundredths, would be -16, and the second 84.
  EXPECT_FALSE(Prepare(beside(money, 184'467'440'737'095'516), true).has_value());
  EXPECT_FALSE(Prepare(beside(money, 184'467'440'737'095'517), true).has_value());
}

}  // namespace
}  // namespace care::engine
